/** The report's style sheet: light and dark as the reader's system has it, one column on a phone. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --ink: #1c2430; --soft: #5b6675; --line: #dfe3e9;
  --accent: #2563eb; --good: #2f8f6b; --bad: #d97706; --worst: #c2333b; --quiet: #98a2b3;
  --warn-ground: #fff6e5; --warn-line: #f0c36d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --card: #1a2029; --ink: #e6eaf0; --soft: #9aa6b5; --line: #2d3540;
    --accent: #6ea0ff; --good: #4cc395; --bad: #f0a33a; --worst: #ff6b72; --quiet: #667085;
    --warn-ground: #2b2416; --warn-line: #6b5520;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.5;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 40px 0 12px; letter-spacing: -0.005em; }
h3 { font-size: 15px; margin: 0 0 10px; }
h4 { font-size: 12px; margin: 12px 0 6px; color: var(--soft); font-weight: 600; }
p { margin: 0 0 8px; }
.lead { color: var(--soft); margin-bottom: 20px; }
small, figcaption { color: var(--soft); font-size: 12.5px; }
figcaption { margin-top: 10px; line-height: 1.45; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 16px; }
figure, .tile, .facts { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px; min-width: 0; }
figure.wide, figure.broad { grid-column: 1 / -1; }
@media (min-width: 1080px) { figure.broad { grid-column: span 2; } }
.plot { display: block; width: 100%; height: auto; overflow: visible; --plot-background: var(--card); }
.plot text { white-space: pre; }
.on-narrow { display: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 0 0 16px; }
.tile { padding: 12px; }
.tile b { display: block; font-size: 21px; line-height: 1.25; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.tile b small { font-size: 12px; font-weight: 500; letter-spacing: 0; white-space: nowrap; }
.tile span { color: var(--soft); font-size: 12.5px; display: block; }
.tile.poor b { color: var(--bad); }
.notice { border: 1px solid var(--line); background: var(--card); border-radius: 12px; padding: 12px 16px; margin: 0 0 12px; }
.notice.warn { background: var(--warn-ground); border-color: var(--warn-line); }
.notice ul { margin: 4px 0 0; padding-left: 20px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: center; margin: 8px 0; font-size: 12.5px; color: var(--soft); }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.classes { margin: 10px 0 0; }
.key { width: 11px; height: 11px; border-radius: 3px; display: inline-block; flex: none; }
.key.unlit { background: rgb(128 128 128 / 0.3); }
.scale { width: 110px; height: 10px; border-radius: 5px; border: 1px solid var(--line); }
.scale.mean { background: linear-gradient(90deg, transparent, rgb(37 99 235)); }
.scale.uncertain { background: linear-gradient(90deg, transparent, rgb(217 119 6)); }
.scale.difference { background: linear-gradient(90deg, rgb(220 38 38), transparent, rgb(37 99 235)); }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); gap: 10px; }
.gallery.few { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
.picture { min-width: 0; max-width: 200px; }
.picture img { display: block; width: 100%; height: auto; image-rendering: pixelated; background: var(--ground); border: 1px solid var(--line); border-radius: 6px; }
.picture span { display: block; font-size: 12px; color: var(--soft); text-align: center; margin-top: 3px; font-variant-numeric: tabular-nums; }
.dense .gallery { grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 6px; }
.dense .picture { max-width: 120px; }
.dense .picture span { display: none; }
.digits { grid-template-columns: repeat(4, 1fr); }
.picture.wrong span { color: var(--bad); }
.picture.wrong img { border-color: var(--bad); }
.gallery.strips { grid-template-columns: 1fr; }
.strips .picture { max-width: none; }
.picture img.strip { height: 22px; }
.strips .picture span { text-align: left; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { text-align: left; padding: 6px 8px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; font-variant-numeric: tabular-nums; }
th { font-weight: 500; color: var(--soft); width: 38%; }
tr:last-child th, tr:last-child td { border-bottom: 0; }
td { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.scroll th, .scroll td { white-space: nowrap; padding-right: 14px; width: auto; }
footer { color: var(--soft); font-size: 12.5px; margin-top: 32px; }
@media (max-width: 720px) {
  main { padding: 16px 12px 32px; }
  h1 { font-size: 22px; }
  h2 { margin-top: 28px; }
  figure, .facts { padding: 12px; }
  .on-wide { display: none; }
  .on-narrow { display: block; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 8px; }
  .tile b { font-size: 19px; }
  .gallery { grid-template-columns: repeat(auto-fill, minmax(56px, 1fr)); gap: 8px; }
  .gallery.few { grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); }
  .dense .gallery { grid-template-columns: repeat(5, 1fr); gap: 4px; }
  .gallery.strips, .dense .gallery.strips { grid-template-columns: 1fr; }
  .digits { grid-template-columns: repeat(4, 1fr); }
}
@media print { figure, .tile, .facts { break-inside: avoid; } }
`;

/** Observable's ten colours, told apart in light and dark; more chains begin again. */
const CHAIN_COLOURS = [
  ...['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#3ca951'],
  ...['#ff8ab7', '#a463f2', '#97bbf5', '#9c6b4e', '#9498a0'],
];

export const chainColour = (chain: number): string => CHAIN_COLOURS[chain % CHAIN_COLOURS.length]!;

export function chainColours(): string {
  return CHAIN_COLOURS.map((colour, i) => `.key.chain-${i} { background: ${colour}; }`).join('\n');
}
