import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// What a pure folder may not touch: clocks, timers, randomness, the process. Imports: .dependency-cruiser.cjs.
const impure = [
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['process', 'console', 'crypto', 'fetch', 'globalThis', 'require'],
];

export default defineConfig(
  {
    ignores: [
      'build/',
      'node_modules/',
      'src/gen/',
      'src/kernel/wasm/assembly/',
      'bench/yardstick/assembly/',
      'test/**/fixtures/',
      '.venv*/',
    ],
  },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['**/*.{js,mjs,cjs}'], rules: { 'no-unused-vars': 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/await-thenable': 'error',
      // test() and describe() return promises that the test runner itself waits for.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/return-await': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['warn', 20],
    },
  },
  {
    files: ['src/posterior/**', 'src/sampler/**', 'src/diagnostics/**', 'src/coordinator/brain/**'].map(
      (p) => `${p}/*.ts`,
    ),
    rules: {
      'no-restricted-globals': [
        'error',
        ...impure.map((name) => ({ name, message: 'This folder is pure.' })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'This folder is pure.' },
      ],
      'no-restricted-syntax': ['error', { selector: 'ImportExpression', message: 'This folder is pure.' }],
    },
  },
);
