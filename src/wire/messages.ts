/** The generated messages of bitgibbs.v1, with 64-bit fields as numbers. Everything else imports them from here. */
import './numbers.js';
import { bitgibbs } from '../gen/bitgibbs.js';

export import v1 = bitgibbs.v1;
