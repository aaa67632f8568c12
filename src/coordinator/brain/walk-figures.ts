/** What walking in windows cost. */

export interface WalkFigures {
  windows: number;
  wrongFlips: number;
  wrongSwaps: number;
  /** Sites of the windows sent, private ones too; a sweep needs each site once. */
  sitesWalked: number;
}

export function noFigures(): WalkFigures {
  return { windows: 0, wrongFlips: 0, wrongSwaps: 0, sitesWalked: 0 };
}
