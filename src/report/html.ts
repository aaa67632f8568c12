/** Pieces of HTML. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, good in attributes too. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);
}

export interface FigureParts {
  readonly title: string;
  /** What to read from it, one or two sentences. */
  readonly caption: string;
  /** HTML of the drawing. */
  readonly body: string;
  /** Takes the whole width of the page, or two thirds of it where there are three columns. */
  readonly width?: 'wide' | 'broad';
}

export function figure({ title, caption, body, width }: FigureParts): string {
  return (
    `<figure${width ? ` class="${width}"` : ''}><h3>${escaped(title)}</h3>${body}` +
    `<figcaption>${escaped(caption)}</figcaption></figure>`
  );
}

export function section(title: string, parts: readonly string[]): string {
  return `<section><h2>${escaped(title)}</h2><div class="figures">${parts.join('\n')}</div></section>`;
}
