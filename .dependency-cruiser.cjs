// Imports point one way. `npm run lint` checks it; test/unit/boundaries.test.ts checks that the check bites.

// What each folder of src may import beside itself (src/gen holds the generated messages).
const engine = ['posterior', 'sampler', 'kernel', 'wire', 'diagnostics', 'predict'];
const services = [...engine, 'store', 'data', 'telemetry'];
const allowed = {
  posterior: [],
  diagnostics: ['posterior'],
  sampler: ['posterior'],
  kernel: ['posterior', 'sampler'],
  wire: ['posterior', 'sampler', 'gen'],
  predict: ['posterior', 'sampler', 'kernel'],
  data: engine,
  store: engine,
  telemetry: engine,
  client: services,
  worker: services,
  coordinator: services,
  report: services,
  library: [...services, 'coordinator', 'report'],
  cli: [...services, 'client', 'worker', 'coordinator', 'report'],
};
// Modules of a folder above or beside it whose types (not values) a folder may name: the shapes that pass between them.
const typesAllowed = {
  sampler: ['kernel/kernel.ts'],
  wire: [
    'kernel/kernel.ts',
    'coordinator/brain/messages.ts',
    'coordinator/status.ts',
    'coordinator/events.ts',
    'diagnostics/ladder.ts',
    'diagnostics/scalar.ts',
    'diagnostics/weight-class.ts',
  ],
  client: ['coordinator/status.ts', 'coordinator/events.ts'],
  worker: ['coordinator/brain/messages.ts'],
};
const folders = Object.keys(allowed);

// Folders that compute and nothing else: no I/O, no packages. (Clocks and randomness: eslint.config.js.)
const pure = {
  posterior: ['posterior'],
  diagnostics: ['diagnostics', 'posterior'],
  sampler: ['sampler', 'posterior', 'kernel/kernel.ts'],
  'coordinator/brain': ['coordinator/brain', 'posterior', 'sampler', 'kernel/kernel.ts'],
};
const anyOf = (places) => `^src/(${places.join('|').replaceAll('.', '\\.')})(/|$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...folders.map((folder) => ({
      name: `${folder}-imports`,
      comment: `src/${folder} may import only: ${[folder, ...allowed[folder]].join(', ')}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: anyOf([folder, ...allowed[folder], ...(typesAllowed[folder] ?? [])]) },
    })),
    ...Object.entries({ ...typesAllowed, 'coordinator/brain': ['kernel/kernel.ts'] }).map(
      ([folder, modules]) => ({
        name: `${folder}-imports-types`,
        comment: `src/${folder} may import the types of ${modules.join(', ')}, not values`,
        severity: 'error',
        from: { path: `^src/${folder}/` },
        to: { path: anyOf(modules), dependencyTypesNot: ['type-only'] },
      }),
    ),
    ...Object.entries(pure).map(([folder, reach]) => ({
      name: `${folder}-is-pure`,
      comment: `src/${folder} imports ${reach.join(', ')} and nothing else`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { pathNot: anyOf(reach) },
    })),
    {
      name: 'folder-without-a-place',
      comment: 'a new folder of src gets a line in .dependency-cruiser.cjs first',
      severity: 'error',
      from: { path: '^src/', pathNot: anyOf([...folders, 'gen']) },
      to: {},
    },
    {
      name: 'source-imports-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-found', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-packages',
      comment: 'what runs for users is a dependency, not a devDependency',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/gen/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^src/kernel/wasm/assembly/', '^build/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'types'],
    },
  },
};
