/**
 * How far what can be given up stands back from recording, which runs as the agent does (nice(2): a process gets about a tenth
 * of the time of one that is ten steps above it). Gates stand before all of them; see gate-supervisor.ts.
 */
export const NICENESS = { capture: 10, live: 12 } as const;
