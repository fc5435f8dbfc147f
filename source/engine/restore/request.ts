import * as z from 'zod/mini';
import {parseAs} from '../base/parse-as.ts';
import type {ExitCode} from '../base/problem.ts';
import {purposes} from '../session/about.ts';
import {type LineData, lineTypes, saidBefore} from '../session/lines.ts';
import type {RestoreOptions} from './action.ts';

/**
 * What the process that restores is told on its standard input by the one that was asked; both are this program, of the
 * same user. Cut short, it is no request, and nothing happens.
 */
const requestSchema = z.object({
  root: z.string(),
  session: z.int(),
  /** Descriptor of the session's directory: whatever has its name by now, this is what was begun. */
  descriptor: z.optional(z.int()),
  environment: z.nullable(z.string()),
  breakHost: z.nullable(z.string()),
  /** The plan that was agreed to. */
  plan: z.string(),
  /** Session to be taken back; null for an ordinary restore. */
  undoes: z.nullable(z.int()),
  options: z.object({
    id: z.string(),
    only: z.nullable(z.array(z.string())),
    into: z.nullable(z.string()),
    intoDatabase: z._default(z.nullable(z.string()), null),
    allowed: z.array(z.string()),
    map: z.array(z.tuple([z.string(), z.string()])),
    last: z.nullable(z.string()),
    breakLinks: z.boolean(),
    safety: z.boolean(),
  }),
  /** The directory of a drill was made for it. */
  isMade: z.optional(z.boolean()),
  /** Hashes of live files that were read for the plan. */
  known: z.array(z.tuple([z.string(), z.string()])),
  /** Where whoever asks for it came from, and the screen that he does it on (`session/owner.ts`). */
  by: z.optional(z.object({from: z.nullable(z.string()), screen: z.nullable(z.string())})),
  ticket: z.nullable(z.string()),
  purpose: z.nullable(z.enum(purposes)),
  title: z.nullable(z.string()),
  authorisedBy: z.nullable(z.string()),
  /** When things went wrong, as the operator says: UTC, ISO 8601. */
  badSince: z.nullable(z.string()),
  /** Who had said that before, and when. */
  said: z.optional(saidBefore),
  /** When the incident was noticed and declared, as was said of it before. */
  times: z.optional(z.array(lineTypes.time)),
  /** Datasets that are restored although they are written to: a change of them stops nothing. */
  although: z.optional(z.array(z.string())),
  /** Datasets that are written to until a hook has stopped the service. */
  untilHook: z.optional(z.array(z.string())),
  /** It goes on where the audit log cannot be written: the operator has said why. */
  withoutAudit: z.optional(z.boolean()),
  /** In which it goes another way than it should, for the record. */
  deviations: z.optional(z.array(z.string())),
});

export type RestoreRequest = z.infer<typeof requestSchema>;

export const requestOptions = (options: RestoreOptions): RestoreRequest['options'] => ({
  id: options.id,
  only: options.only,
  into: options.into,
  intoDatabase: options.intoDatabase,
  allowed: options.allowed,
  map: [...options.map],
  last: options.last,
  breakLinks: options.breakLinks,
  safety: options.safety,
});

/** Null where the text is no whole request. */
export const readRequest = (text: string): RestoreRequest | null => parseAs(requestSchema, text);

/** How a restore ended, as the last line of its record says it. */
export type Finished = Omit<LineData<'finished'>, 'seconds'>;
export type Outcome = Finished['outcome'];

export const finished = (outcome: Outcome, exit: ExitCode, reason: string | null): Finished => ({
  outcome,
  exit,
  reason,
  beware: [],
  commands: [],
});
