export { copyTable, setBlock, sumBlock } from './block';
export { fillRows, flipDeltas, logLikQ, staleRows } from './state';
export { listPairs } from './pairs';
export { makePlan, sweepNeeds } from './plan';
export { acceptBits, logit53, setSeed, thresholdQ } from './stream';
export { walkSolo, walkWindow } from './walk';
