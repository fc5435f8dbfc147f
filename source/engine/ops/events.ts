import type * as z from 'zod/mini';
import {type EventName, eventNames, registry} from '../storage/events.ts';

const typeText = (schema: z.core.$ZodType): string => {
  const {def} = schema._zod;
  if (def.type === 'nullable')
    return `${typeText((def as z.core.$ZodNullableDef<z.core.$ZodType>).innerType)} or null`;
  if (def.type === 'array') {
    const {element} = def as z.core.$ZodArrayDef<z.core.$ZodType>;
    const inner = element._zod.def;
    if (inner.type !== 'object') return `list of ${typeText(element)}s`;
    const names = Object.keys((inner as z.core.$ZodObjectDef).shape).map((name) => `\`${name}\``);
    return `list of objects: ${names.join(', ')}`;
  }
  if (def.type === 'enum')
    return Object.values((def as z.core.$ZodEnumDef).entries)
      .map((each) => `\`${each}\``)
      .join(', ');
  if (def.type === 'number') return 'format' in def ? 'integer' : 'number';
  return def.type;
};

type DescribedEvent = {action: EventName; summary: string; fields: {name: string; type: string}[]};

/** Every event with its fields: for the site's action catalog, and the documentation. */
export const describeEvents = (): DescribedEvent[] =>
  eventNames.map((action) => {
    const {summary, fields} = registry[action];
    const shape: Record<string, z.core.$ZodType> = fields.def.shape;
    return {
      action,
      summary,
      fields: Object.entries(shape).map(([name, schema]) => ({name, type: typeText(schema)})),
    };
  });

/** What the payload of every event has beside its own fields (`audit-line.ts`). */
export const commonFields: DescribedEvent['fields'] = [
  {name: 'operator', type: 'object: `login`, `uid`, `sudo_user`; `person`, as typed, where one was named'},
  {name: 'host', type: 'string'},
  {name: 'root', type: 'string'},
  {name: 'program', type: 'string'},
  {name: 'timestamp', type: 'number: seconds since the epoch'},
];

const fieldsText = (fields: DescribedEvent['fields']): string =>
  fields.map(({name, type}) => `\`${name}\` ${type}`).join('; ');

/** The site's action catalog, as markdown: what of ours stands in the audit log, and with what. */
export const eventsMarkdown = (): string =>
  [
    '| action | when | payload |',
    '| --- | --- | --- |',
    ...describeEvents().map(
      ({action, summary, fields}) => `| \`${action}\` | ${summary} | ${fieldsText(fields)} |`,
    ),
    '',
    `Every payload also has: ${fieldsText(commonFields)}.`,
    '',
  ].join('\n');
