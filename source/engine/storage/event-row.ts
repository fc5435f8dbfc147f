import * as z from 'zod/mini';

/** What an event amounts to, in few words, and whether it is good; not escaped. */
export type EventResult = {tone: 'good' | 'bad' | 'beware' | 'none'; text: string};

/** @param parts what is left out is null, false or empty */
export const result = (tone: EventResult['tone'], ...parts: (string | null | false)[]): EventResult => ({
  tone,
  text: parts.filter(Boolean).join(', '),
});

/** A metric that an event moves; `Payload` is what the event says. */
type Metric<Payload> = {
  name: string;
  help: string;
  /** An epoch is in seconds, and 0 before it has been, as the kernel has it; a measure has nothing to say before. */
  kind: 'counter' | 'epoch' | 'measure';
  /** Where it stands in the file, whose order is the same in each version. */
  place: number;
  /** What a counter grows by, and the others are set to; null where this event leaves it alone. */
  moves: (payload: Payload) => number | null;
};

export const counter = (place: number, name: string, help: string): Metric<unknown> => ({
  name,
  help,
  kind: 'counter',
  place,
  moves: () => 1,
});

/** @param what goes on from "Unix timestamp": `of the last …` */
export const epoch = (place: number, name: string, what: string): Metric<{timestamp: number}> => ({
  name,
  help: `Unix timestamp ${what}`,
  kind: 'epoch',
  place,
  moves: ({timestamp}) => timestamp,
});

/** @param field of the payload, that it is set to */
export const measure = <Field extends string>(
  place: number,
  name: string,
  field: Field,
  help: string,
): Metric<Record<Field, number | boolean | null>> => ({
  name,
  help,
  kind: 'measure',
  place,
  moves: ({[field]: value}) => (value === null ? null : Number(value)),
});

/** The same metrics, moved only by the events of which this is true. */
export const where = <Given, Moved>(
  isMeant: (payload: Given) => boolean,
  ...metrics: Metric<Moved>[]
): Metric<Given & Moved>[] =>
  metrics.map((metric) => ({
    ...metric,
    moves: (payload) => (isMeant(payload) ? metric.moves(payload) : null),
  }));

type Said<Shape extends z.core.$ZodShape> = z.infer<z.ZodMiniObject<Shape, z.core.$strip>>;

/** All that there is to know of an event. */
type Row<Shape extends z.core.$ZodShape> = {
  /** When it happens: for the site's action catalog. */
  summary: string;
  /** What its payload says beside the fields of every event (`audit-line.ts`). */
  fields: Shape;
  result(payload: Said<Shape>): EventResult;
  metrics: Metric<Said<Shape> & {timestamp: number}>[];
};

/** An event as the others see it: they know nothing of its fields. */
export function event<Shape extends z.core.$ZodShape>({summary, fields, result, metrics}: Row<Shape>) {
  const schema = z.object(fields);
  return {
    summary,
    fields: schema,
    /** @param payload as it stands in a log; @returns null where it is none of this event */
    result(payload: unknown): EventResult | null {
      const read = schema.safeParse(payload);
      return read.success ? result(read.data) : null;
    },
    metrics: metrics as Metric<unknown>[],
  };
}
