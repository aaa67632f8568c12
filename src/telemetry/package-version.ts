/** The version of this package, from the package.json that it was installed with. */
import { readFileSync } from 'node:fs';

let version: string | undefined;

export function packageVersion(): string {
  // From build/src/telemetry/ in a checkout and in the published package alike.
  version ??= (
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version;
  return version;
}
