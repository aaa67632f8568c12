const LN2 = 0.6931471805599453;
const TERMS = 16;

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/**
 * e^x for x <= 0 by a fixed sequence of double operations: the same number on every machine and in every version of the
 * engine, which Math.exp does not promise. Relative error below 1e-13; 0 from x = -700
 * on.
 */
export function expOfNegative(x: number): number {
  if (!(x > -700)) return 0;
  const k = Math.round(x / LN2);
  const r = x - k * LN2;
  let sum = 1;
  for (let n = TERMS; n >= 1; n--) sum = 1 + (sum * r) / n;
  halves[0] = 0;
  halves[1] = (1023 + k) << 20;
  return sum * double[0]!;
}
