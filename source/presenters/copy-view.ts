import type {Copy} from '../engine/catalog/copies.ts';
import {alteredCopy, missingCopy} from '../engine/catalog/row.ts';
import {soundAs} from '../engine/storage/manifest/finished.ts';
import {copyNumber} from './database-view.ts';
import {type Sentence, sentence} from './sentence.ts';

/** A copy in a column: its mark, and a word only for what is wrong with it. */
export function copySign({state, reason, changed, broken, torn, partial}: Copy): Sentence {
  if (state === 'damaged') return sentence('x', reason === missingCopy ? 'missing' : 'damaged');
  if (broken !== null) return sentence('x', 'broken');
  if (partial !== null) return sentence('!', 'partial');
  if (torn) return sentence('!', 'torn');
  if (state === 'stale') return sentence('!', changed ? 'changed' : '');
  return sentence(state === 'unaltered' ? '+' : '?', '');
}

/**
 * The same with its version, where nothing is wrong with it; of what is not in that backup `-`.
 * @param isGood it is the newest good one from before things were bad
 * @param isLive the live file holds it
 */
export function copyWord(
  copy: Copy | undefined,
  version: number | undefined,
  isGood: boolean,
  isLive: boolean,
): string {
  if (!copy) return '-';
  const {mark, text} = copySign(copy);
  const number = copyNumber(copy, version) + (copy.dump === null ? '' : ' rows');
  // Of one that is damaged the live file holds what it should have.
  const isSame = isLive && copy.state !== 'damaged';
  return `${mark} ${text || number}`.trimEnd() + (isGood ? ' *' : '') + (isSame ? ' =' : '');
}

/** The bytes alone; what PHP's word is worth is said of the backup. */
function bytesText({state, reason, changed}: Copy): string {
  if (state === 'unaltered') return 'unaltered';
  if (state === 'unchecked') return 'unchecked';
  // The mark says that it is the copy, and that it needs somebody: the reason is to be read to its end.
  if (state === 'damaged')
    return reason === alteredCopy ? 'not what its manifest says' : (reason ?? 'damaged');
  return changed ? `stale: ${reason ?? 'it changed since it passed'}` : (reason ?? 'stale');
}

/** What is known of a copy, in words: what speaks against it first. */
export function copyText(copy: Copy): string {
  const {state, broken, sound, torn, partial} = copy;
  const bytes = bytesText(copy);
  if (state === 'damaged') return bytes;
  // The first complaint: the plan of a restore has more.
  const [complaint = ''] = broken?.split('; ') ?? [];
  const said = [
    broken !== null && complaint,
    partial !== null && `partial: ${partial}`,
    torn && 'torn: it changed while it was read',
    bytes,
    broken === null && sound !== null && soundAs[sound],
  ];
  return said.filter((each) => each !== false).join(', ');
}
