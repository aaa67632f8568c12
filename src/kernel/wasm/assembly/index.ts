export { addListSum, fillBlockBits, fillDense, rowsFromLogits, widenRows } from './dense';
export { fillRows, flipDeltas, logLikQ, staleRows } from './state';
export { listPairs } from './pairs';
export { makePlan, sweepNeeds } from './plan';
export { acceptBits, isTaken, logit53, setSeed, thresholdQ } from './stream';
export { openWindow, walkSolo, walkWindow } from './walk';
