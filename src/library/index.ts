/** The package as a library: `import { sample } from 'bitgibbs'`. */
export { sample, type SampleOptions, type SampleProgress } from './sample.js';
export { SampleResult, type Draw } from './result.js';
export type { FeatureRows, SampleInput } from './input.js';
export type { Analysis, WeightFigures } from '../report/analysis.js';
export { InputError, type FeatureGrid } from '../posterior/model.js';
