/**
 * Who walks what: keeps groups of workers as the layout wants them, lets batches of the old layout end at their chains'
 * boundaries, and hands resting chains out again.
 */
import type { Batch } from './batch.js';
import type { Chain } from './chain.js';
import type { BrainContext } from './context.js';
import { Group } from './group.js';
import { keyOfMembers, planLayout } from './layout.js';
import type { WorkerId } from './messages.js';
import { SoloBatch } from './solo-batch.js';
import { WindowBatch } from './window-batch.js';
import { nextSoloTurn } from './solo-turns.js';
import { chainsOf, formSpread, openSpreadTeams, openTeams, type Team } from './teams.js';
import type { WorkerTable } from './workers.js';

export class Scheduler {
  /** Chains stop at their next boundaries. */
  isStopping = false;
  /** Something has happened that may change who walks what. */
  isStale = true;
  soloSweepsPerJob: number;
  readonly #context: BrainContext;
  readonly #workers: WorkerTable;
  readonly #chains: readonly Chain[];
  #waiting: Chain[];
  #teams: Team[] = [];
  readonly #batches = new Map<number, { batch: Batch; team: Team }>();
  #lastEpoch = 0;
  #lastNotice = '';

  constructor(context: BrainContext, workers: WorkerTable, chains: readonly Chain[]) {
    this.#context = context;
    this.#workers = workers;
    this.#chains = chains;
    this.#waiting = chains.filter((chain) => !chain.isDone);
    this.soloSweepsPerJob = context.config.soloSweepsPerJob;
  }

  batch(epoch: number): Batch | undefined {
    return this.#batches.get(epoch)?.batch;
  }

  /** Nothing is under way and nothing is left to do. */
  get isFinished(): boolean {
    return this.#batches.size === 0 && (this.isStopping || this.#chains.every(({ isDone }) => isDone));
  }

  get teams(): readonly { readonly group: Group; readonly chains: number }[] {
    return this.#teams.map((team) => ({ group: team.group, chains: chainsOf(team) }));
  }

  /** A worker is no longer there: its batches' chains go back to their boundaries. */
  lose(worker: WorkerId): void {
    for (const team of this.#teams.filter(({ group }) => group.workers.includes(worker))) {
      for (const batch of team.batches) {
        this.#wait([...batch.takeLeft(), ...batch.chains]);
        this.#end(batch, team);
      }
      this.#wait(team.pool);
      this.#teams.splice(this.#teams.indexOf(team), 1);
    }
  }

  /** Chains that were done have more to do. */
  takeBack(chains: readonly Chain[]): void {
    const inBatches = new Set([...this.#batches.values()].flatMap(({ batch }) => batch.chains));
    this.#wait(chains.filter((chain) => !inBatches.has(chain)));
    this.isStale = true;
  }

  arrange(): void {
    if (!this.isStale) return;
    this.isStale = false;
    if (!this.isStopping) this.#layOut();
    this.#retire();
    this.#collect();
    if (this.isStopping) return;
    do this.#formSpread();
    while (this.#makeRoom());
    if (!openSpreadTeams(this.#teams).some(({ isObsolete }) => !isObsolete)) this.#takeTurns();
  }

  /** Waiting chains, furthest behind first. */
  #sort(): void {
    this.#waiting.sort((a, b) => a.boundary.sweep - b.boundary.sweep || a.number - b.number);
  }

  #formSpread(): void {
    this.#sort();
    const held = this.#waiting.filter(({ isHeld }) => isHeld);
    const able = this.#waiting.filter(({ isHeld }) => !isHeld);
    const formed = formSpread(this.#teams, able, this.#workers);
    this.#waiting = [...able, ...held];
    for (const { team, chains } of formed) this.#begin(team, chains);
  }

  /** Chains found no place, and others keep theirs only to wait: those leave. @returns whether there are any */
  #makeRoom(): boolean {
    if (this.#waiting.every(({ isHeld }) => isHeld)) return false;
    const batches = [...this.#batches.values()].map(({ batch }) => batch);
    const gave = batches.filter((batch) => batch instanceof WindowBatch && batch.giveUpHeld());
    if (gave.length > 0) this.#collect();
    return gave.length > 0;
  }

  #takeTurns(): void {
    const solo = openTeams(this.#teams).filter(({ group }) => group.isSolo);
    for (;;) {
      const able = this.#waiting.filter(({ isHeld }) => !isHeld);
      const turn = nextSoloTurn(solo, able, this.#workers, this.soloSweepsPerJob);
      if (!turn) return;
      if (turn.kind === 'walk') turn.batch.walkOn(this.#soloSweeps(turn.batch.chain));
      else if (turn.kind === 'leave') this.#release(turn.batch);
      else this.#begin(turn.team, this.#waiting.splice(this.#waiting.indexOf(turn.chain), 1));
    }
  }

  #release(batch: SoloBatch): void {
    batch.leave();
    this.#wait(batch.takeLeft());
    this.#end(batch, this.#batches.get(batch.epoch)!.team);
    this.#sort();
  }

  #begin(team: Team, chains: readonly Chain[]): void {
    const epoch = ++this.#lastEpoch;
    const make = team.group.isSolo ? SoloBatch : WindowBatch;
    const batch = new make(this.#context, team.group, epoch, chains);
    team.batches.add(batch);
    this.#batches.set(epoch, { batch, team });
    batch.begin();
  }

  #wait(chains: readonly Chain[]): void {
    this.#waiting.push(...chains.filter((chain) => !chain.isDone));
  }

  /** Brings the groups in line with the layout that the workers at hand ask for, and asks for the shards it needs. */
  #layOut(): void {
    const { config } = this.#context;
    const workers = this.#workers.all();
    const layout = planLayout({
      workers,
      current: this.#teams.map(({ group }) => group.members),
      shards: config.shards,
      memory: config.memory,
      spread: config.spread,
      warming: this.#chains.some((chain) => !chain.isWarm),
    });
    if (layout.length === 0 && workers.length > 0) this.#notice('waiting for workers that can hold the data');
    const wanted = new Set(layout.map(keyOfMembers));
    for (const team of this.#teams) {
      team.isObsolete = !wanted.has(team.group.key);
      if (!team.isObsolete) team.isRetired = false;
    }
    for (const members of layout) {
      if (this.#teams.some(({ group }) => group.key === keyOfMembers(members))) continue;
      const group = new Group(members, this.#context);
      const state = { isReady: false, isObsolete: false, isRetired: false };
      this.#teams.push({ group, ...state, batches: new Set(), pool: [] });
    }
    this.#load();
  }

  #load(): void {
    for (const { id } of this.#workers.all()) {
      const needed = (teams: readonly Team[]): number[] =>
        teams.flatMap(({ group }) =>
          group.members.flatMap(({ worker, shards }) => (worker === id ? shards : [])),
        );
      const busy = this.#teams.filter((team) => !team.isObsolete || team.batches.size > 0);
      if (this.#workers.load(id, needed(busy))) continue;
      // No room for the old layout's shards beside the new one's: the old one has to end first.
      for (const team of this.#teams) {
        if (team.isObsolete && team.group.workers.includes(id)) this.#retireTeam(team);
      }
    }
    for (const team of this.#teams) {
      const wasReady = team.isReady;
      team.isReady = team.group.members.every(({ worker, shards }) => this.#workers.holds(worker, shards));
      if (team.isReady && !wasReady && !team.group.isSolo) this.#shareOut(team);
    }
  }

  /** Chains of the other spread groups come free at their boundaries, so that the new group gets its share. */
  #shareOut(team: Team): void {
    for (const other of this.#teams) {
      if (other === team || other.group.isSolo) continue;
      for (const batch of other.batches) batch.closing = true;
    }
  }

  /** Takes in chains that left their batches; ends empty batches. */
  #collect(): void {
    for (const { batch, team } of [...this.#batches.values()]) {
      if (this.isStopping || team.isRetired) batch.closing = true;
      if (batch instanceof SoloBatch && batch.isResting && (batch.closing || batch.chain.isDone))
        batch.leave();
      if (batch instanceof WindowBatch) batch.wake();
      this.#wait(batch.takeLeft());
      if (batch.chains.length === 0) this.#end(batch, team);
    }
    this.#teams = this.#teams.filter(({ isRetired, batches }) => !isRetired || batches.size > 0);
  }

  /** Single sweeps while a chain only fills the time until the others are warm. */
  #soloSweeps(chain: Chain): number {
    return chain.isWarm && this.#context.config.spread > 1 && this.#chains.some(({ isWarm }) => !isWarm)
      ? 1
      : this.soloSweepsPerJob;
  }

  #end(batch: Batch, team: Team): void {
    team.batches.delete(batch);
    this.#batches.delete(batch.epoch);
    const elsewhere = (worker: WorkerId, chain: number): boolean =>
      [...this.#batches.values()].some(
        (other) =>
          other.batch.group.workers.includes(worker) &&
          other.batch.chains.some(({ number }) => number === chain),
      );
    batch.end(elsewhere, (worker) => !this.#workers.has(worker));
  }

  /** Once the present layout can work, the groups of older ones take no more chains, and go when they have none. */
  #retire(): void {
    const layoutReady =
      this.#teams.some(({ isObsolete }) => !isObsolete) &&
      this.#teams.every(({ isObsolete, isReady }) => isObsolete || isReady);
    for (const team of this.#teams) {
      if (team.isObsolete && (layoutReady || !team.isReady)) this.#retireTeam(team);
    }
  }

  #retireTeam(team: Team): void {
    team.isRetired = true;
    for (const batch of team.batches) batch.closing = true;
    this.#wait(team.pool.splice(0));
  }

  #notice(text: string): void {
    if (text !== this.#lastNotice) this.#context.emit({ type: 'notice', text });
    this.#lastNotice = text;
  }
}
