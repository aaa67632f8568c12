/** Strict JSON schemas for kubeconform, out of the OpenAPI file of Kubernetes and out of custom resource definitions. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Schema = Readonly<Record<string, unknown>>;

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Swagger {
  readonly definitions: Readonly<Record<string, Schema>>;
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { openAPIV3Schema: Schema } }[];
  };
}

const GVK = 'x-kubernetes-group-version-kind';
const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema with references filled in, in which an object has no other fields than those named. */
function strict(schema: unknown, definitions: Swagger['definitions']): unknown {
  if (Array.isArray(schema)) return schema.map((part) => strict(part, definitions));
  if (!isObject(schema)) return schema;
  if (typeof schema['$ref'] === 'string') {
    return strict(definitions[schema['$ref'].replace('#/definitions/', '')], definitions);
  }
  if (schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true) {
    return { type: ['integer', 'string'] };
  }
  const parts = Object.entries(schema).map(([key, value]) => [key, strict(value, definitions)]);
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || 'additionalProperties' in schema;
  return {
    ...(Object.fromEntries(parts) as Schema),
    ...(isObject(schema['properties']) && !isOpen ? { additionalProperties: false } : {}),
  };
}

/** As kubeconform names it: the group up to its first dot. */
const fileOf = ({ group, version, kind }: Kind): string =>
  `${[kind.toLowerCase(), group.split('.')[0], version].filter(Boolean).join('-')}.json`;

/**
 * Writes the schemas of some kinds of Kubernetes, and of all custom resources.
 * @param from folder with swagger.json and custom resource definitions
 * @param names of kinds, as StatefulSet
 * @returns what kubeconform takes as -schema-location
 */
export function writeSchemas(from: string, to: string, names: readonly string[]): string {
  mkdirSync(to, { recursive: true });
  const { definitions } = JSON.parse(readFileSync(join(from, 'swagger.json'), 'utf8')) as Swagger;
  for (const schema of Object.values(definitions)) {
    const kinds = (schema[GVK] as readonly Kind[] | undefined) ?? [];
    if (kinds.length !== 1 || !names.includes(kinds[0]!.kind)) continue;
    writeFileSync(join(to, fileOf(kinds[0]!)), JSON.stringify(strict(schema, definitions)));
  }
  const metadata = definitions['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']!;
  for (const name of readdirSync(from).filter((file) => file.endsWith('.yaml'))) {
    const { spec } = parse(readFileSync(join(from, name), 'utf8')) as Definition;
    for (const { name: version, schema } of spec.versions) {
      const { properties } = schema.openAPIV3Schema as { properties: Schema };
      const whole = { ...schema.openAPIV3Schema, properties: { ...properties, metadata } };
      const file = fileOf({ group: spec.group, version, kind: spec.names.kind });
      writeFileSync(join(to, file), JSON.stringify(strict(whole, definitions)));
    }
  }
  return join(to, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}
