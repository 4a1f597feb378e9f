import type { Reporter, TestModule } from 'vitest/node';

/** On CI a test that did not run proves nothing: any skipped one turns the run red, with its name. */
export function noSkips(): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[]) {
      const skipped = modules.flatMap((module) =>
        [...module.children.allTests('skipped')].map((test) => `${module.relativeModuleId}: ${test.fullName}`),
      );
      if (skipped.length === 0) return;
      console.error(`Skipped tests are not allowed here:\n  ${skipped.join('\n  ')}`);
      process.exitCode = 1;
    },
  };
}
