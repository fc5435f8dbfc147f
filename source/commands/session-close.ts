import {asciiJson, escapeText} from '../engine/escape.ts';
import {exitCode, Problem} from '../engine/problem.ts';
import {closeSession} from '../engine/restore/close.ts';
import {journalOf} from '../engine/restore/sessions.ts';
import {openWriter} from '../engine/writer.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {openToWrite, type Run} from './command.ts';
import {tellTidied} from './tidied.ts';

export const sessionClose: Run = async (invocation) => {
  const {flags, rest} = invocation;
  const [text = ''] = rest;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Problem(
      exitCode.usage,
      'Which session? magds session close SESSION; "magds restore status" lists them.',
    );
  const number = Number(text);
  const place = await openToWrite(invocation);
  const writer = openWriter({...place, doing: `session close ${number}`, breakHost: flags.breakLock});
  try {
    tellTidied(writer.tidied);
    const {safety, closed, phase, items} = journalOf(writer.state, number);
    const last = safety === null && !closed && phase === 'done' && items.some(({old}) => old.kind === 'file');
    if (last && flags.yes !== text)
      throw new Problem(
        exitCode.failed,
        `Session ${number} has no safety backup: what it keeps beside the live files is all that is left of the old ones. If they may go: --yes=${number}. Nothing was changed.`,
      );
    const {kept} = closeSession(writer.state, number);
    if (flags.json)
      await writeLine(asciiJson({message_type: 'summary', command: 'session:close', session: number, kept}));
    else {
      for (const file of kept)
        await writeLine(escapeText(`! kept: ${file}: written to after it was saved; nowhere else`));
      await writeLine(`+ Session ${number} is closed.`);
    }
    return exitCode.done;
  } finally {
    writer.close();
  }
};
