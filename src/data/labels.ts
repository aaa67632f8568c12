/** Labels of a CSV column: whole numbers, or names that become classes in the order of their letters. */
import { MAX_CLASSES } from '../posterior/grid.js';
import { InputError } from '../posterior/model.js';
import { isNumber } from './csv.js';
import { shown } from './shown.js';

export interface LabelRules {
  /** K where it is known beforehand: numbers must be below it. */
  readonly classes?: number;
  /** Where the classes are known beforehand: names must be among them. */
  readonly classNames?: readonly string[];
}

export interface ReadLabels {
  readonly labels: Uint8Array<ArrayBuffer>;
  /** What the classes are called, where the labels are names. */
  readonly classNames?: readonly string[];
}

/** Takes the cells of a column one after the other. The first tells whether they are numbers or names. */
export class LabelReader {
  readonly #labels: number[] = [];
  readonly #known: boolean;
  /** Class of each name, in the order in which they came; absent while the labels are numbers. */
  #names: Map<string, number> | undefined;

  constructor(readonly rules: LabelRules) {
    this.#known = rules.classNames !== undefined;
  }

  /** @param at where the cell is, for messages: "file: row 3, column 5" */
  add(cell: string, at: () => string): void {
    if (this.#labels.length === 0 && cell !== '' && !isNumber(cell)) {
      this.#names = new Map(this.rules.classNames?.map((name, k) => [name, k]));
    }
    this.#labels.push(this.#names ? this.#byName(this.#names, cell, at) : this.#byNumber(cell, at));
  }

  #byNumber(cell: string, at: () => string): number {
    const { classes = MAX_CLASSES } = this.rules;
    const label = isNumber(cell) ? Number(cell) : NaN;
    if (Number.isInteger(label) && label >= 0 && label < classes) return label;
    throw new InputError(`${at()} is ${shown(cell)}, must be a label: a whole number from 0 to ${classes - 1}`);
  }

  #byName(names: Map<string, number>, cell: string, at: () => string): number {
    const known = names.get(cell);
    if (known !== undefined) return known;
    if (this.#known) {
      throw new InputError(`${at()} is ${shown(cell)}, must be a class of the training rows: ${[...names.keys()].join(', ')}`);
    }
    if (cell === '' || isNumber(cell))
      throw new InputError(`${at()} is ${shown(cell)}, must be a name like the labels before it`);
    if (names.size === MAX_CLASSES)
      throw new InputError(`${at()} is ${shown(cell)}, one class more than the ${MAX_CLASSES} that are supported`);
    names.set(cell, names.size);
    return names.size - 1;
  }

  /** All labels; names are numbered in their order now. */
  labels(): ReadLabels {
    if (!this.#names || this.#known) return { labels: Uint8Array.from(this.#labels) };
    const came = [...this.#names.keys()];
    const classNames = [...came].sort();
    return { labels: Uint8Array.from(this.#labels, (label) => classNames.indexOf(came[label]!)), classNames };
  }
}
