/** The test set of a run, found again from what its manifest says. */
import type { DataSet } from '../data/data-set.js';
import { type DataRequest, KNOWN_DATA, type KnownData, loadDataSet } from '../data/load.js';
import { readFiles } from '../data/files.js';
import { InputError } from '../posterior/model.js';
import type { Rows } from '../posterior/rows.js';
import type { RunManifest } from '../store/manifest.js';
import { readTest } from '../store/read-test.js';

/** Test rows, or why there are none, as a sentence. */
export type FoundTest = { readonly rows: Rows } | { readonly missing: string };

/** The classes that were chosen, where they were not all; extra classes were added behind them. */
function requestFor(manifest: RunManifest, source: KnownData, all: DataSet): DataRequest {
  const { classNames, images, threshold } = manifest.settings;
  const chosen = classNames.map((name) => all.classNames.indexOf(name)).filter((label) => label >= 0);
  const isEveryClass = chosen.length === all.classNames.length && chosen.every((label, k) => label === k);
  return {
    ...{ source, images, classCount: classNames.length },
    ...(threshold === null ? {} : { threshold }),
    ...(isEveryClass ? {} : { chosenClasses: chosen }),
  };
}

async function reload(manifest: RunManifest): Promise<DataSet | undefined> {
  const source = KNOWN_DATA.find((name) => name === manifest.data);
  if (!source) return undefined;
  return loadDataSet(requestFor(manifest, source, await loadDataSet({ source })));
}

/**
 * Looks for the test rows.
 * @param run folder of the run
 * @param file CSV of held-out rows whose last column is the label, for runs whose data were files
 * @throws InputError when the file does not fit the run
 */
export async function findTest(run: string, manifest: RunManifest, file?: string): Promise<FoundTest> {
  const { features, classes, classNames, threshold, dataSha256 } = manifest.settings;
  if (file !== undefined) {
    const rules = { features, classes, classNames, ...(threshold === null ? {} : { threshold }) };
    return { rows: (await readFiles({ table: file }, rules, 'test')).rows };
  }
  const kept = await readTest(run, manifest);
  if (kept) return { rows: kept };
  let data: DataSet | undefined;
  try {
    data = await reload(manifest);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { missing: `The test set of ${manifest.data} can't be loaded: ${error.message}.` };
  }
  if (!data) {
    return {
      missing: `The run's data were files (${manifest.data}); --test names held-out rows to predict.`,
    };
  }
  if (data.sha256 !== dataSha256) {
    return {
      missing: `The data set ${manifest.data} of this package is not the one that the run began with.`,
    };
  }
  return data.test
    ? { rows: data.test }
    : { missing: `${manifest.data} has no test rows for these classes.` };
}
