import type { GridCase } from '@dipper/contract/api/case';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { MAX_PAGE_ITEMS } from '@dipper/contract/api/page';

/** A page behind a cursor. */
export type ReadPage = (query: PageQuery) => Promise<Page<GridCase>>;

/** Excel takes a file without it for the code page of the machine. */
const BYTE_ORDER_MARK = '\ufeff';
/** A cell that begins so is a formula to a spreadsheet, in full width to a Chinese one (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]/;

const COLUMNS = {
  number: ({ number }) => number,
  titleZh: ({ title }) => title.zh,
  titleEn: ({ title }) => title.en,
  text: ({ text }) => text,
  category: ({ category }) => category,
  platform: ({ platform }) => platform,
  priority: ({ priority }) => priority,
  source: ({ source }) => source,
  state: ({ state }) => state,
  round: ({ round }) => String(round),
  estate: ({ estate }) => estate,
  place: ({ place }) => place,
  grid: ({ grid }) => grid,
  assignee: ({ assignee }) => assignee,
  assigneeName: ({ assigneeName }) => assigneeName,
  firstHandler: ({ firstHandler }) => firstHandler,
  firstHandlerName: ({ firstHandlerName }) => firstHandlerName,
  leader: ({ leader }) => leader,
  openedAt: ({ openedAt }) => openedAt,
  deadlineAt: ({ deadlineAt }) => deadlineAt,
  closedAt: ({ closedAt }) => closedAt,
  overdue: ({ overdue }) => String(overdue),
  suspendedAt: ({ suspendedAt }) => suspendedAt,
  supervisedAt: ({ supervisedAt }) => supervisedAt,
  satisfaction: ({ satisfaction }) => satisfaction,
} as const satisfies Record<string, (gridCase: GridCase) => string | null>;

/** A list as CSV (RFC 4180), a page at a time. */
export async function* exportCsv(read: ReadPage): AsyncGenerator<string> {
  yield `${BYTE_ORDER_MARK}${Object.keys(COLUMNS).join(',')}\r\n`;
  for await (const items of pagesOf(read)) {
    yield items
      .map(
        (item) =>
          `${Object.values(COLUMNS)
            .map((read) => cellOf(read(item)))
            .join(',')}\r\n`,
      )
      .join('');
  }
}

/** A list as one array of JSON, a page at a time. */
export async function* exportJson(read: ReadPage): AsyncGenerator<string> {
  let before = '[\n';
  for await (const items of pagesOf(read)) {
    for (const item of items) {
      yield before + JSON.stringify(item);
      before = ',\n';
    }
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

async function* pagesOf(read: ReadPage): AsyncGenerator<readonly GridCase[]> {
  let cursor: string | null | undefined;
  do {
    const page = await read({ limit: MAX_PAGE_ITEMS, ...(cursor == null ? {} : { cursor }) });
    if (page.items.length > 0) yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** A cell as text, whatever it looks like. */
export function cellOf(value: string | null): string {
  if (value === null) return '';
  const text = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
