import {type DescribedEvent, describeEvents} from '../storage/events.ts';

/** What the payload of every event has beside its own fields (`audit-line.ts`). */
export const commonFields: DescribedEvent['fields'] = [
  {name: 'operator', type: 'object: `login`, `uid`, `sudo_user`'},
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
