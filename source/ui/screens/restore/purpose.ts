import {typedPath} from '../../../engine/base/files.ts';
import {bounded, longestOf} from '../../../engine/session/about.ts';
import type {Incident, Saying} from '../../../engine/session/incident.ts';

/** What a restore is for, as the operator types it; all of it is optional. */
export type PurposeForm = {
  purpose: 'incident' | 'drill';
  ticket: string;
  title: string;
  authorisedBy: string;
  /** Where a drill puts its files; null while nobody has typed anything else than what is suggested. */
  into: string | null;
  /** Such a directory that is not there yet; null before that was looked for. */
  suggested: string | null;
  /** Where it loads dumps into scratch databases; empty where it only reads them. */
  server: string;
  /** The line that characters go to. */
  field: Field;
};

export type Field = 'into' | 'server' | 'ticket' | 'title' | 'authorisedBy';

export type PurposeAction =
  | {type: 'purpose switched'; to: PurposeForm['purpose']}
  | {type: 'field chosen'; how: 'next' | 'previous'}
  | {type: 'field written'; text: string};

export const emptyForm: PurposeForm = {
  purpose: 'incident',
  ticket: '',
  title: '',
  authorisedBy: '',
  into: null,
  suggested: null,
  server: '',
  field: 'ticket',
};

/** What is not typed yet is what has been said of the incident: by whom it was, and in which terminal. */
export const filled = (form: PurposeForm, {ticket, title, authorisedBy}: Incident): PurposeForm => ({
  ...form,
  ticket: form.ticket || (ticket?.value ?? ''),
  title: form.title || (title?.value ?? ''),
  authorisedBy: form.authorisedBy || (authorisedBy?.value ?? ''),
});

/** What is said by it of the incident: nothing by a drill. */
export const sayingOf = ({purpose, ticket, title, authorisedBy}: PurposeForm): Saying =>
  purpose === 'drill'
    ? {}
    : {ticket: ticket.trim() || null, title: title.trim() || null, authorisedBy: authorisedBy.trim() || null};

/** The longest path that the kernel takes. */
const longestPath = 4096;

/** Only a drill has a directory, and a server where there is something to load. */
export const fieldsOf = ({purpose}: PurposeForm, hasDumps = false): Field[] => [
  ...(purpose === 'drill' ? (['into'] as const) : []),
  ...(purpose === 'drill' && hasDumps ? (['server'] as const) : []),
  'ticket',
  'title',
  'authorisedBy',
];

/** A directory for the drill of a backup: of its own, by the time in the backup's id. */
export const suggestedInto = (id: string): string =>
  `/var/tmp/drill-${/^\d{8}_\d{6}/.exec(id)?.[0] ?? 'magds'}`;

/** @param id of the backup */
export const textIn = (form: PurposeForm, field: Field, id: string): string =>
  field === 'into' ? (form.into ?? form.suggested ?? suggestedInto(id)) : form[field];

/** Where the files go; null where it is no drill. */
export const intoOf = (form: PurposeForm, id: string): string | null =>
  form.purpose === 'drill' ? typedPath(textIn(form, 'into', id).trim()) : null;

/** Where a drill loads dumps; null where it only reads them. */
export const serverOf = ({purpose, server}: PurposeForm, hasDumps = false): string | null =>
  (purpose === 'drill' && hasDumps && server.trim()) || null;

/** Why there can be no plan yet; null where there can be one. */
export function whyNotPlan(form: PurposeForm, id: string): string | null {
  const into = intoOf(form, id);
  return into === null || into.startsWith('/')
    ? null
    : 'A drill needs a directory: its whole path, such as /var/tmp/drill.';
}

function written(form: PurposeForm, text: string): PurposeForm {
  const {field} = form;
  return {
    ...form,
    [field]: bounded(text, field === 'into' || field === 'server' ? longestPath : longestOf[field]),
  };
}

function moved(form: PurposeForm, step: number, hasDumps: boolean): PurposeForm {
  const fields = fieldsOf(form, hasDumps);
  const at = (fields.indexOf(form.field) + step + fields.length) % fields.length;
  return {...form, field: fields[at] ?? form.field};
}

function switched(form: PurposeForm, purpose: PurposeForm['purpose']): PurposeForm {
  if (purpose === 'drill') return {...form, purpose};
  return {
    ...form,
    purpose,
    field: form.field === 'into' || form.field === 'server' ? 'ticket' : form.field,
  };
}

/** @param subject whether it holds dumps */
export function reducePurpose(
  form: PurposeForm,
  action: PurposeAction,
  {hasDumps = false}: {hasDumps?: boolean},
): PurposeForm {
  switch (action.type) {
    case 'purpose switched':
      return switched(form, action.to);
    case 'field chosen':
      return moved(form, action.how === 'next' ? 1 : -1, hasDumps);
    case 'field written':
      return written(form, action.text);
  }
}
