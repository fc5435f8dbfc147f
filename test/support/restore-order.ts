import type {Journal, JournalItem} from '../../source/engine/session/journal.ts';
import type {Traced} from './faults.ts';

const writes = ['write', 'pwrite64', 'ftruncate', 'fchmod', 'fchown', 'utimensat'];

/** A trace of a restore or of its recovery, and questions about what came before what. */
class Order {
  readonly #calls: Traced[];
  readonly violations: string[] = [];

  constructor(calls: Traced[]) {
    this.#calls = calls;
  }

  /** Where calls on an open file are whose path ends with this. */
  on(end: string, kinds: string[]): number[] {
    return this.where(({call, text}) => kinds.includes(call) && text.includes(`${end}>`));
  }

  where(matches: (call: Traced) => boolean): number[] {
    return this.#calls.flatMap((call, index) => (matches(call) ? [index] : []));
  }

  /** Files, as they are found in calls that write to them. */
  filesOf(find: (text: string) => string | undefined): Set<string> {
    const found = this.#calls.flatMap(({call, text}) => (writes.includes(call) ? (find(text) ?? []) : []));
    return new Set(found);
  }

  /** Where calls are that give or take away this name. */
  naming(name: string, kinds: string[]): number[] {
    return this.where(({call, text}) => kinds.includes(call) && text.includes(`/${name}"`));
  }

  /** What was done to a file or directory has to be asked for to be durable after that, and before something else. */
  demandSync(what: string, file: string, after: number | undefined, before: number | undefined): void {
    if (after === undefined) this.violations.push(`${what}: never written`);
    else if (before === undefined) this.violations.push(`${what}: nothing comes after it`);
    else if (!this.on(file, ['fsync', 'fdatasync']).some((at) => at > after && at < before))
      this.violations.push(`${what}: no fsync of ${file} after call ${after} and before ${before}`);
  }
}

const movesTo = (order: Order, phase: string): number | undefined =>
  order.where(({call, text}) => call === 'rename' && text.includes(`/.journal.${phase}.new", `))[0];

function checkJournal(order: Order, {session}: Journal): void {
  for (const phase of ['prepare', 'commit', 'back', 'done', 'rolled-back']) {
    const moved = movesTo(order, phase);
    if (moved === undefined) continue;
    const name = `/.journal.${phase}.new`;
    const written = order.on(name, writes).at(-1);
    // A recovery finds it written.
    if (written !== undefined) order.demandSync(`the journal for ${phase}`, name, written, moved);
    const next = order.where(({call}) => ['rename', 'link', 'unlink', 'mkdir', 'rmdir'].includes(call));
    const end = Number.MAX_SAFE_INTEGER;
    order.demandSync(
      `the journal's move to ${phase}`,
      `/sessions/${session}`,
      moved,
      next.find((at) => at > moved) ?? end,
    );
  }
}

const directoryOf = ({place}: JournalItem, levels = 1): string =>
  [place.base, ...place.segments.slice(0, -levels)].join('/');

/** The safety backup is whole before it gets its name, and that is durable before a live file changes. */
function checkSafety(order: Order, {safety}: Journal, committed: number | undefined): void {
  if (safety === null) return;
  const [named] = order.naming(safety, ['rename']);
  const inIt = (text: string): string | undefined =>
    new RegExp(`/building/${safety}[^>]*(?=>)`).exec(text)?.[0];
  for (const file of order.filesOf(inIt))
    order.demandSync(`the safety backup's ${file}`, file, order.on(file, writes).at(-1), named);
  order.demandSync('the name of the safety backup', '/safety', named, committed);
}

/** What has to be durable before which step of a restore that was carried out (RESTORE.md, "The transaction"). */
export function findUnsynced(calls: Traced[], journal: Journal): string[] {
  const order = new Order(calls);
  const [committed, done] = [movesTo(order, 'commit'), movesTo(order, 'done')];
  checkJournal(order, journal);
  checkSafety(order, journal, committed);
  for (const item of journal.items) {
    const {place, temporary, aside, old} = item;
    const name = place.segments.at(-1) as string;
    if (item.new) {
      const [placed] = order.naming(temporary, ['rename', 'link']);
      order.demandSync(`${name}, staged`, `/${temporary}`, order.on(`/${temporary}`, writes).at(-1), placed);
      order.demandSync(`${name}, put in its place`, directoryOf(item), placed, done);
    } else
      order.demandSync(`${name}, taken away`, directoryOf(item), order.naming(name, ['unlink']).at(-1), done);
    if (old.kind === 'file') {
      const linked = order.naming(aside, ['link'])[0];
      order.demandSync(`${name}, its second name`, directoryOf(item), linked, committed);
      continue;
    }
    for (const [index, made] of old.missing.entries()) {
      const above = directoryOf(item, old.missing.length - index + 1);
      order.demandSync(`${made}, made`, above, order.naming(made, ['mkdir'])[0], committed);
    }
  }
  return order.violations;
}

/** The same for what finished a restore that had stopped, or took it back: the directories before the last step. */
export function findUnsyncedIn(calls: Traced[], journal: Journal): string[] {
  const order = new Order(calls);
  checkJournal(order, journal);
  const end = movesTo(order, 'done') ?? movesTo(order, 'rolled-back');
  // Its copies have the names of the live files.
  const [removed = calls.length] = order.naming(journal.safety ?? '', ['rename']);
  for (const item of journal.items) {
    const {place, temporary, aside} = item;
    const changed = [place.segments.at(-1) as string, temporary, aside].flatMap((name) =>
      order.naming(name, ['rename', 'link', 'unlink']).filter((at) => at < removed),
    );
    if (changed.length > 0) order.demandSync(place.path, directoryOf(item), Math.max(...changed), end);
  }
  return order.violations;
}
