import {code, list, notRecorded, paragraph} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';

export const deviationsSection = ({session, corrective}: EvidenceRecord): string[] => [
  ...(session
    ? [
        ...paragraph('**Deviations**:'),
        ...list(session.deviations.map(code), 'None is recorded.'),
        ...paragraph('**What the operator had to know although it was done**:'),
        ...list(session.beware.map(code), 'Nothing is recorded.'),
      ]
    : []),
  ...paragraph('**Corrective actions** (what, who, until when):'),
  ...list(corrective.map(code), `${notRecorded.charAt(0).toUpperCase()}${notRecorded.slice(1)}.`),
];
