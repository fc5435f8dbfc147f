import fs from 'node:fs';
import path from 'node:path';
import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {exitCode, Problem} from '../engine/base/problem.ts';
import {checkMayWrite} from '../engine/config/project.ts';
import {hold} from '../engine/retention/hold.ts';
import {release, sessionsText} from '../engine/retention/release.ts';
import {openWriter} from '../engine/retention/writer.ts';
import {checkBackupId} from '../engine/storage/backup-id.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {type Invocation, openToWrite, type Run} from './command.ts';
import {findBackup} from './find-backup.ts';
import {tellTidied} from './tidied.ts';

function idOf({rest, command}: Invocation): string {
  const [id] = rest;
  if (id !== undefined) return checkBackupId(id);
  throw new Problem(
    exitCode.usage,
    `Which backup? magds ${command.words.join(' ')} ID, as "magds backup list" shows it.`,
  );
}

export const pin: Run = async (invocation) => {
  const {flags} = invocation;
  const id = idOf(invocation);
  const {reason} = flags;
  if (reason === undefined || reason.trim() === '') {
    throw new Problem(
      exitCode.usage,
      'Why is it pinned? --reason=…: whoever finds it in a year has to know.',
    );
  }
  const place = await openToWrite(invocation);
  checkMayWrite(place.configuration);
  findBackup(place, id);
  const writer = openWriter({...place, doing: 'backup pin', breakHost: flags.breakLock});
  try {
    tellTidied(writer.tidied);
    const held = await hold(writer.state, writer.backups.path, id, reason);
    const directory = `${place.root}/storage/runbook/held/${id}`;
    // PHP goes up from where its backups really lie.
    const phpId = path.relative(fs.realpathSync(place.backups), fs.realpathSync(directory));
    if (flags.json) {
      const summary = {message_type: 'summary', command: 'backup:pin', id, reason, path: directory};
      await writeLine(asciiJson({...summary, php_id: phpId, ...held}));
    } else {
      const how = held.copied > 0 ? `${held.copied} copied, ` : '';
      const files =
        held.linked + held.copied > 0
          ? ` (${how}${held.linked} linked)`
          : ' (it was already: the reason is new)';
      await writeLine(
        escapeText(
          `+ ${id} is pinned${files}: no retention reaches it in storage/runbook/held, PHP's neither.`,
        ),
      );
    }
    return exitCode.done;
  } finally {
    writer.close();
  }
};

export const unpin: Run = async (invocation) => {
  const {flags} = invocation;
  const id = idOf(invocation);
  if (flags.yes !== undefined && flags.yes !== id)
    throw new Problem(
      exitCode.usage,
      `--yes=${flags.yes} is another backup than ${id}. Nothing was changed.`,
    );
  const place = await openToWrite(invocation);
  checkMayWrite(place.configuration);
  const writer = openWriter({...place, doing: 'backup unpin', breakHost: flags.breakLock});
  try {
    tellTidied(writer.tidied);
    const {last, sessions} = release(writer.state, place.backups, id, flags.yes === id);
    if (flags.json)
      await writeLine(asciiJson({message_type: 'summary', command: 'backup:unpin', id, deleted: last}));
    else {
      const now = last
        ? 'deleted: it was the last of it'
        : sessions.length > 0
          ? `unpinned; it stays held for ${sessionsText(sessions)}, until that is closed`
          : 'unpinned: retention may take it now';
      await writeLine(`+ ${escapeText(id)} is ${now}.`);
    }
    return exitCode.done;
  } finally {
    writer.close();
  }
};
