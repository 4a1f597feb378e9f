/**
 * `npm run bench -- NAME [--rounds N] [--seed N] [--database embedded|debian] …`: runs one benchmark side by side with
 * its reference: the sides take turns, and who begins changes from round to round. The last line is one line of JSON.
 *
 * HUB_DATABASE_URL and HUB_MQTT_URL choose other servers. Exit codes: 0 the goal is met, 1 the sides did unequal work or
 * something failed, 2 the goal is missed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nearestName } from '@dipper/contract/nearest-name';
import { type Bench, median, type Sample } from './bench.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const SUFFIX = '.bench.ts';
const MIN_ROUNDS = 5;

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const names = readdirSync(here).flatMap((file) => (file.endsWith(SUFFIX) ? [file.slice(0, -SUFFIX.length)] : []));
  if (name === undefined || !existsSync(`${here}${name}${SUFFIX}`)) {
    const hint = name === undefined ? undefined : nearestName(name, names);
    const question = hint === undefined ? '' : ` Did you mean '${hint}'?`;
    throw new UsageError(`npm run bench -- NAME, where NAME is one of ${names.join(', ')}.${question}`);
  }
  const { bench } = (await import(`./${name}${SUFFIX}`)) as { bench: Bench };
  const { values } = parseArgs({
    args: rest,
    options: { ...bench.options, seed: { type: 'string' }, rounds: { type: 'string' }, database: { type: 'string' } },
  });
  const options = values as Record<string, string | undefined>;
  const rounds = Math.max(MIN_ROUNDS, Number(options['rounds'] ?? MIN_ROUNDS));
  const seed = Number(options['seed'] ?? 1);
  const commit = commitOf();
  console.log(`${name}: ${bench.what}`);
  console.log(`seed ${seed}, ${rounds} rounds, commit ${commit}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}`);

  await using prepared = await bench.prepare({ seed, rounds, options });
  const { dipper, reference } = prepared;
  console.log(`dipper:    ${dipper.command}\nreference: ${reference.command}`);
  const samples: { dipper: Sample; reference: Sample }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isOurTurn = round % 2 === 0;
    const first = await (isOurTurn ? dipper : reference).sample(round);
    const second = await (isOurTurn ? reference : dipper).sample(round);
    const pair = isOurTurn ? { dipper: first, reference: second } : { dipper: second, reference: first };
    console.log(
      `round ${round + 1}: dipper ${show(pair.dipper.value)}, reference ${show(pair.reference.value)} ${bench.unit}`,
    );
    if (pair.dipper.work !== pair.reference.work) {
      console.error(`unequal work: dipper did ${pair.dipper.work}, the reference ${pair.reference.work}`);
      return 1;
    }
    samples.push(pair);
  }
  const ours = samples.map((pair) => pair.dipper.value);
  const theirs = samples.map((pair) => pair.reference.value);
  const ratio = bench.ratio?.(ours, theirs) ?? median(ours) / median(theirs);
  const detail = {
    ...{ unit: bench.unit, is: bench.goal.is, seed, commit, rounds },
    dipper: { command: dipper.command, samples: ours.map(rounded) },
    reference: { command: reference.command, samples: theirs.map(rounded) },
    work: samples[0]?.dipper.work,
    ...(await prepared.detail?.()),
  };
  const unequal = prepared.unequal?.();
  if (unequal !== undefined) console.error(`unequal work: ${unequal}`);
  console.log(
    JSON.stringify({ bench: name, ratio: rounded(ratio), goal: bench.goal.ratio, detail: { ...detail, unequal } }),
  );
  if (unequal !== undefined) return 1;
  return (bench.goal.is === 'at-least' ? ratio >= bench.goal.ratio : ratio <= bench.goal.ratio) ? 0 : 2;
}

/** Which code was measured; `-dirty` where it is not what was committed. */
function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: here, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '-uno') === '' ? '' : '-dirty'}`;
  } catch {
    return 'unknown';
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function show(value: number): string {
  return rounded(value).toLocaleString('en');
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error);
    process.exit(1);
  },
);
