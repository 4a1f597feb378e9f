import type { PolicyBody } from './policy-body.ts';
import type { Problem } from './validation.ts';

/** As many as help; one mistake in a table makes thousands. */
const MAX_PROBLEMS = 16;

/**
 * What is wrong with a policy that its schema cannot say: ids used twice, references into nothing, spans that end before they
 * begin, a time zone nobody knows, a rule that leaves no way without a face. The hub compiles and an edge takes up none that
 * has any.
 */
export function policyProblems(body: PolicyBody): Problem[] {
  const problems: Problem[] = [];
  const note = (path: string, message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ path, message });
  };
  const idsOf = (name: 'areas' | 'accessPoints' | 'schedules' | 'holders' | 'credentials' | 'permits'): Set<string> => {
    const ids = new Set<string>();
    for (const [index, { id }] of body[name].entries()) {
      if (ids.has(id)) note(`/${name}/${index}/id`, `${id} is there twice`);
      ids.add(id);
    }
    return ids;
  };
  const known = {
    areas: idsOf('areas'),
    accessPoints: idsOf('accessPoints'),
    schedules: idsOf('schedules'),
    holders: idsOf('holders'),
    credentials: idsOf('credentials'),
    permits: idsOf('permits'),
  };
  const refer = (path: string, id: string | undefined, among: Set<string>): void => {
    if (id !== undefined && !among.has(id)) note(path, `there is no ${id}`);
  };

  if (!isTimeZone(body.timeZone)) note('/timeZone', `${body.timeZone} is no time zone`);
  for (const [index, point] of body.accessPoints.entries()) {
    const at = `/accessPoints/${index}`;
    refer(`${at}/fromArea`, point.fromArea, known.areas);
    refer(`${at}/toArea`, point.toArea, known.areas);
    if (point.fromArea !== undefined && point.fromArea === point.toArea)
      note(`${at}/toArea`, 'leads to where it comes from');
    for (const [rule, { schedule, anyOf }] of point.factorRules.entries()) {
      refer(`${at}/factorRules/${rule}/schedule`, schedule, known.schedules);
      if (anyOf.every((combination) => combination.includes('face'))) {
        note(`${at}/factorRules/${rule}/anyOf`, 'there has to be a way in without a face');
      }
      if (anyOf.some((combination) => combination.length > 1 && combination.includes('button'))) {
        note(`${at}/factorRules/${rule}/anyOf`, 'a button names nobody, so it is no second factor');
      }
    }
  }
  for (const [index, { weekly, specialDays }] of body.schedules.entries()) {
    const days = [...weekly, ...(specialDays ?? []).map(({ spans }) => spans)];
    if (days.some((spans) => spans.some(([from, until]) => from >= until))) {
      note(`/schedules/${index}`, 'a span ends before it begins');
    }
    const dates = (specialDays ?? []).map(({ date }) => date);
    for (const date of dates) {
      // 30 February would be taken for 2 March.
      if (!isDate(date)) note(`/schedules/${index}/specialDays`, `${date} is no date`);
    }
    if (new Set(dates).size < dates.length) note(`/schedules/${index}/specialDays`, 'a day is there twice');
  }
  for (const [index, { holder, factor, hmac }] of body.credentials.entries()) {
    refer(`/credentials/${index}/holder`, holder, known.holders);
    if (hmac === undefined && factor !== 'qr') note(`/credentials/${index}/hmac`, `a ${factor} needs one`);
  }
  for (const [index, permit] of body.permits.entries()) {
    const at = `/permits/${index}`;
    refer(`${at}/holder`, permit.holder, known.holders);
    refer(`${at}/credential`, permit.credential, known.credentials);
    refer(`${at}/schedule`, permit.schedule, known.schedules);
    for (const id of permit.accessPoints) refer(`${at}/accessPoints`, id, known.accessPoints);
  }
  for (const [index, { holder, accessPoints }] of (body.faces?.enrolled ?? []).entries()) {
    refer(`/faces/enrolled/${index}/holder`, holder, known.holders);
    for (const id of accessPoints) refer(`/faces/enrolled/${index}/accessPoints`, id, known.accessPoints);
  }
  return problems;
}

function isDate(text: string): boolean {
  const atMs = Date.parse(`${text}T00:00:00.000Z`);
  return Number.isFinite(atMs) && new Date(atMs).toISOString().startsWith(text);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
