import {paragraph, table} from '../markdown.ts';

/** EVIDENCE.md, "Why these fields". */
const rows = [
  ['SOC 2 A1.2, A1.3', 'Datasets; Plan and times; Checklist'],
  ['SOC 2 CC7.5', 'Summary; Deviations; Safety backup'],
  ['ISO 27001 A.8.13', 'Backup; Datasets; Plan and times'],
  ['NIST 800-53 CP-4', 'Summary; Checklist; Deviations'],
  ['NIST 800-53 CP-9(1)', 'Backup; Datasets'],
  ['NIST 800-53 CP-10', 'Configured against restored; Plan and times'],
  ['NIST 800-53 AU-3', 'Who, where and with what; Trail'],
  ['NIST 800-53 AU-8', 'Plan and times; Trail (UTC; clock)'],
  ['HIPAA 164.308(a)(7)', 'Summary; Checklist; approval file'],
  ['PCI DSS 10.2.2', 'Who, where and with what; Trail'],
  ['DORA 12(7)', 'Datasets; Hooks and checks; Not checked'],
  ['RFC 3227 4.1', 'Who; Chain; How to check this file'],
];

export const mappingSection = (): string[] => [
  ...paragraph(
    'Where an auditor finds what a framework asks for. It is help in reading, not a claim to comply. What a file of this kind does not have is in no section.',
  ),
  ...table(['Framework', 'Sections of this file'], rows),
];
