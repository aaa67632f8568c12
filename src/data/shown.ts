/** Text from a file in an error message: on one line, and not too long. */

const MOST = 40;

/** In quotes, with anything but plain characters escaped. */
export function shown(text: string): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  return JSON.stringify(cut).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}
