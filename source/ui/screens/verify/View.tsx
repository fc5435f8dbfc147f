import {brokenNames, contentLines, contentSummary, isLooking} from '../../../presenters/content-progress.ts';
import {loud} from '../../../presenters/fact.ts';
import {fraction, speedText} from '../../../presenters/rate.ts';
import type {Sentence} from '../../../presenters/sentence.ts';
import {untold} from '../../../presenters/sentence.ts';
import {verifyEnding} from '../../../presenters/verify-outcome.ts';
import {type DatasetProgress, secondsRemaining} from '../../../presenters/verify-progress.ts';
import type {VerifyTask} from '../../facts.ts';
import {Doing, type Progress, ProgressBars} from '../../kit/progress-bars.tsx';
import {bad, beware, good, type Span, strong} from '../../kit/span.ts';
import {Flex, Gap, Page} from '../../kit/stack.tsx';
import {Notice, Notices, TextLine} from '../../kit/words.tsx';
import {verifyListHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';

/** How far a verification is, and how it ended; then what was found inside the copies. */
export function VerifyView({state}: ViewProps) {
  const {verify: task, size, readOnly} = state;
  if (!task) return null;
  const {progress} = task;
  const datasets = progress.backups[0]?.[0]?.datasets.flat() ?? [];
  const height = Math.min(verifyListHeight(size), Math.max(1, datasets.length));
  const whole = {name: 'whole', bytes: progress.totalBytes, part: fraction(progress)};
  const seen = datasets.length > height ? datasets.toSorted((a, b) => weight(a) - weight(b)) : datasets;
  return (
    <Page>
      <TextLine
        wide
        of={{
          either: [
            strong(task.id),
            readOnly ? '   only reads the copies' : '   reads the copies, and records the result',
          ],
          or: [strong(task.id), readOnly ? '   only reads' : '   records the result'],
        }}
      />
      <Doing what={doing(task)} />
      <ProgressBars of={seen.map((each) => barOf(each, task))} height={height} whole={whole} state={13} />
      <TextLine of={speed(task)} />
      <Gap />
      {outcome(task, readOnly)}
      <Flex whole turn={1}>
        <Gap />
      </Flex>
      {inside(task)}
    </Page>
  );
}

function doing({state, content}: VerifyTask): string | null {
  if (state === 'running') return 'reading';
  return isLooking(content) ? 'looking inside' : null;
}

/** Where there are more than fit: the ones that need the operator, then those being read, then the rest. */
const weight = ({result, done}: DatasetProgress): number =>
  result ? (result.status === 'match' ? 3 : 0) : done > 0 ? 1 : 2;

function barOf(dataset: DatasetProgress, task: VerifyTask): Progress {
  const {name, bytes, done, result} = dataset;
  const isRead = result?.status === 'match' || result?.status === 'mismatch';
  return {name, bytes, part: isRead ? 1 : bytes === 0 ? 0 : done / bytes, state: stateOf(dataset, task)};
}

function stateOf({result, done}: DatasetProgress, {state}: VerifyTask): Span {
  if (result?.status === 'match') return good('+ match');
  if (result?.status === 'not checked') return beware('- not checked');
  if (result && result.status !== 'cancelled') return bad(`x ${result.status}`);
  if (result || state !== 'running') return '- stopped';
  return done > 0 ? '- reading' : '- waiting';
}

const speed = ({progress, state}: VerifyTask): string =>
  speedText(progress, {
    verb: 'read',
    isRunning: state === 'running',
    left: secondsRemaining(progress),
  });

/** How it ended; the reasons to their end, as far as there is room. */
function outcome({progress, state, content}: VerifyTask, readOnly: boolean) {
  const result = progress.results?.[0];
  if (state === 'running') return <TextLine of="Connection lost? Nothing is harmed; start again." />;
  if (state === 'stopped' || !result)
    return <TextLine look="beware" of="Stopped. Nothing was recorded; v starts again." />;
  const {recorded, datasets} = result;
  const hasSums =
    result.result === 'passed' && datasets.every(({algorithm}) => algorithm?.toLowerCase() === 'sha256');
  const notes = (
    <>
      {recorded?.note ? (
        <Notice mark="!" text={recorded.note} />
      ) : readOnly ? (
        <TextLine look="beware" of="! Read only: the result was not recorded." />
      ) : (
        recorded && (
          <TextLine
            of={`Recorded in its ${hasSums ? 'manifest.json, verifications.jsonl and SHA256SUMS' : 'manifest.json and verifications.jsonl'}.`}
          />
        )
      )}
      <Notices of={untold(progress.untold)} />
    </>
  );
  const end = verifyEnding(result, brokenNames(content));
  const wrong =
    result.result === 'failed'
      ? datasets.filter(({status}) => status !== 'match' && status !== 'missing').slice(0, 2)
      : [];
  return (
    <>
      <Notice mark={end.mark} text={loud(end)} />
      {result.result === 'passed' && <TextLine of="Verified means unaltered, not correct." />}
      {notes}
      <Notices of={wrong.map((each) => ({text: `  ${each.name}: ${each.reason ?? ''}`, look: 'bad'}))} />
    </>
  );
}

/** What was found inside, what needs the operator first and to its end; in one line where there is no room. */
function inside({content}: VerifyTask) {
  if (content === null) return null;
  const lines = contentLines(content);
  const note = content.summary?.note ?? null;
  const isEmpty = content.summary?.outcome === 'cancelled' || lines.length === 0;
  const inShort = ({mark, text, tone}: Sentence) => ({text: `${mark} ${text}`, look: tone});
  const summary = inShort(contentSummary(content));
  return (
    <Flex more={['   ', summary]} or={lines.map((each) => <TextLine key={each.text} of={inShort(each)} />)}>
      {isEmpty && <TextLine of={summary} />}
      <Notices of={lines.map(inShort)} />
      {note !== null && <Notice mark="!" text={note} />}
    </Flex>
  );
}
