/**
 * How far what can be given up stands back from recording, which runs as the agent does (nice(2): five steps leave a third of
 * the time of who is above; more would starve capture on a machine that is merely busy). Gates stand before all of them; see
 * gate-supervisor.ts.
 */
export const NICENESS = { capture: 5, live: 7 } as const;
