import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {typedPath} from '../../../engine/base/files.ts';
import {announcerOf} from '../../../engine/events/announcer.ts';
import {collectEvidence, type EvidenceSubject, nothingGiven} from '../../../engine/evidence/collect.ts';
import {type Exported, exportEvidence} from '../../../engine/evidence/export.ts';
import {renderEvidence} from '../../../engine/evidence/render.ts';
import type {EvidenceRecord} from '../../../engine/evidence/schema.ts';
import {signerOf} from '../../../engine/evidence/ssh-keygen.ts';
import {openWriter} from '../../../engine/retention/writer.ts';
import {findState} from '../../../engine/storage/runbook/state-directory.ts';
import {currentScreen} from '../../state.ts';
import {failureText, projectOf, type Workplace} from '../../work.ts';
import {loadSessions} from '../sessions/open.ts';
import {evidenceSlice} from './state.ts';
import type {Written} from './task.ts';

/** Milliseconds after which the screen that says what is done has been painted. */
const frame = 100;

/** What the record lacks that can still be had before it is written. */
function lacksOf({kind, backups, sessions}: EvidenceRecord): string[] {
  const isUnverified = kind !== 'restore' && backups.some(({verified}) => verified === null);
  const never = sessions.never_exported;
  return [
    ...(isUnverified ? ['no verification of it is recorded: v on the list makes one'] : []),
    ...(never.length > 0 ? [`sessions without evidence: ${never.join(', ')}`] : []),
  ];
}

/** What a problem with a key is called where no option named it. */
const saidOfKey = (error: unknown): string => failureText(error).replace(/^--sign=/, '');

/** Makes what the screen of evidence shows, and writes it. */
export function evidenceWork({store, signal, ask, finish, tell}: Workplace) {
  /** What was begun last: what was begun before it is not shown any more. */
  let latest = 0;

  function making(work: (isLatest: () => boolean) => Promise<void>): void {
    latest++;
    const mine = latest;
    const isLatest = (): boolean => latest === mine && !signal.aborted;
    work(isLatest).catch((error: unknown) => {
      if (isLatest()) store.dispatch(evidenceSlice.to({type: 'evidence failed', problem: saidOfKey(error)}));
    });
  }

  async function make(subject: EvidenceSubject, isLatest: () => boolean): Promise<void> {
    // The screen first: a manifest of thousands of datasets takes a second, and nothing is painted meanwhile.
    await wait(frame);
    if (!isLatest()) return;
    const place = projectOf(store);
    const state = findState(place.root);
    try {
      const {key} = evidenceSlice.of(store.get());
      const record = await collectEvidence({
        ...place,
        state,
        env: process.env,
        subject,
        given: {...nothingGiven, signer: key?.signer ?? null},
        me: store.get().me,
      });
      if (!isLatest()) return;
      store.dispatch(
        evidenceSlice.to({type: 'evidence made', text: renderEvidence(record), lacks: lacksOf(record)}),
      );
    } finally {
      state?.close();
    }
  }

  async function write(subject: EvidenceSubject): Promise<void> {
    const place = projectOf(store);
    const {key} = evidenceSlice.of(store.get());
    // Evidence of a restore that stopped halfway may be wanted before it is decided what becomes of it.
    const announcer = announcerOf(place, signal);
    const writer = openWriter({...place, doing: 'evidence export', recovering: true});
    let exported: Exported;
    try {
      exported = await exportEvidence({
        ...place,
        writer,
        announcer,
        env: process.env,
        subject,
        given: nothingGiven,
        me: store.get().me,
        out: null,
        key: key?.path ?? null,
      });
    } finally {
      writer.close();
    }
    const {file, sha256, record, beware} = exported;
    const {session, signer} = record;
    const {problems} = await announcer.settle();
    const written: Written = {
      file,
      sha256,
      session: session?.number ?? null,
      final: session?.closed ?? false,
      signer,
      beware: [...beware, ...problems.map((each) => `not reported: ${each}`)],
    };
    store.dispatch(evidenceSlice.to({type: 'evidence written', written, text: renderEvidence(record)}));
    tellElsewhere(`The evidence is written: ${file}`, 'plain');
    ask(loadSessions, (work) => work.refresh());
  }

  /** Whoever has gone elsewhere meanwhile is told there. */
  function tellElsewhere(text: string, tone: 'plain' | 'bad'): void {
    if (currentScreen(store.get()) !== 'evidence') tell(text, tone);
  }

  return {
    preview: (subject: EvidenceSubject): void => making((isLatest) => make(subject, isLatest)),
    /** Takes a key once it is known to be one; the file that is shown says then who signs it. */
    chooseKey(typed: string): void {
      const {opened} = evidenceSlice.of(store.get());
      if (!opened) return;
      store.dispatch(evidenceSlice.to({type: 'evidence key looked at'}));
      making(async (isLatest) => {
        const file = typed === '' ? null : path.resolve(typedPath(typed));
        const key = file === null ? null : {path: file, signer: await signerOf(file)};
        if (!isLatest()) return;
        store.dispatch(evidenceSlice.to({type: 'evidence key chosen', key}));
        await make(opened.subject, isLatest);
      });
    },
    write(): void {
      const {opened} = evidenceSlice.of(store.get());
      // Asked for twice, it is written once.
      if (opened?.state !== 'ready') return;
      store.dispatch(evidenceSlice.to({type: 'evidence writing'}));
      const work = write(opened.subject).catch((error: unknown) => {
        const problem = saidOfKey(error);
        store.dispatch(evidenceSlice.to({type: 'evidence failed', problem}));
        tellElsewhere(`The evidence was not written. ${problem}`, 'bad');
      });
      finish(work);
    },
  };
}
