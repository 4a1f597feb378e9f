/**
 * `npm run doctor`: looks at a deployment of the hub, configured by the same HUB_… variables as the hub itself, and says
 * for each thing that is not right the one thing to do. In Chinese or English by LANG.
 *
 * Exit codes: 0 nothing is wrong (there may be warnings), 1 something is, 2 the doctor itself failed.
 */
import { examine } from './doctor.ts';
import { languageOf, reportOf } from './report.ts';

examine(process.env, process.version).then(
  (findings) => {
    process.stdout.write(`${reportOf(findings, languageOf(process.env))}\n`);
    process.exit(findings.some(({ state }) => state === 'wrong') ? 1 : 0);
  },
  (error: Error) => {
    process.stderr.write(`the doctor failed: ${error.message}\n`);
    process.exit(2);
  },
);
