import {announcerOf} from '../events/announcer.ts';
import {type Happening, mostListed} from '../storage/events.ts';
import {type FinishEvent, type FinishOptions, type FinishResult, finishBackup} from './finish.ts';

/**
 * Finishes a backup that was cut off, and tells of it. The site's hooks run once nobody is kept from writing any more.
 * @throws Problem as `finishBackup` does
 */
export async function* finishAndTell(options: FinishOptions): AsyncGenerator<FinishEvent, void, undefined> {
  let last: Extract<FinishEvent, {type: 'finished'}> | null = null;
  for await (const event of finishBackup(options)) {
    if (event.type === 'finished') last = event;
    else yield event;
  }
  if (last?.result.outcome === 'done') {
    const announcer = announcerOf(options, options.signal);
    void announcer.announce([ofFinish(last.result)]);
    const {problems} = await announcer.settle();
    last = {...last, result: {...last.result, untold: [...last.result.untold, ...problems]}};
  }
  if (last) yield last;
}

const ofFinish = ({id, copies, missing, manifestDigest, seconds}: FinishResult): Happening => ({
  action: 'magdb.backup.finished',
  payload: {
    id,
    datasets: copies.slice(0, mostListed).map(({name}) => name),
    missing: missing.slice(0, mostListed).map(({name}) => name),
    bytes: copies.reduce((sum, {bytes}) => sum + bytes, 0),
    manifest_digest: manifestDigest,
    seconds,
  },
});
