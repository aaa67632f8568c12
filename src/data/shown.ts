/** Text from a file in an error message: on one line, and not too long. */

const MOST = 40;

/** Characters that would break a line, or that a terminal would obey, made visible. */
export function onOneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}

/** In quotes, with anything but plain characters escaped. */
export function shown(text: string): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  return onOneLine(JSON.stringify(cut));
}
