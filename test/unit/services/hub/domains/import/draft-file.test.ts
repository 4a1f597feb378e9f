import { readDraftFile } from '@dipper/hub/domains/import/draft-file';
import { readDate, readScope, readSpan, readWeekdays } from '@dipper/hub/domains/import/field-reading';
import { kindOfFile } from '@dipper/hub/domains/import/import-kinds';
import { describe, expect, it } from 'vitest';

const read = (name: string, content: string | Uint8Array) =>
  readDraftFile({ name, contentBase64: Buffer.from(content).toString('base64') });
const cellsOf = (file: ReturnType<typeof read>): Record<string, unknown>[] =>
  file.rows.map(({ cells }) => Object.fromEntries([...cells].map(([name, { value }]) => [name, value])));
const problemsOf = (file: ReturnType<typeof read>): string[] =>
  file.problems.map(({ line, column, text }) => `${line}:${column}: ${text.en}`);

const ROWS = [{ id: 'hupan', name_zh: '湖畔社区', subdistrict: 'lanting' }];

describe('a table', () => {
  it.each([
    ['commas', 'id,name_zh,subdistrict\nhupan,湖畔社区,lanting\n'],
    ['a byte order mark, semicolons and CRLF', '\uFEFFid;name_zh;subdistrict\r\nhupan;湖畔社区;lanting\r\n'],
    ['tabs', 'id\tname_zh\tsubdistrict\nhupan\t湖畔社区\tlanting'],
    ['a declared separator', 'sep=;\nid;name_zh;subdistrict\nhupan;湖畔社区;lanting'],
    ['Chinese names of columns', '编号,名称,街道\nhupan,湖畔社区,lanting\n,,\n'],
    ['quotation marks', '"id","name_zh","subdistrict"\n"hupan","湖畔社区","lanting"\n'],
  ])('is read with %s', (_what, content) => {
    const file = read('communities.csv', content);
    expect(problemsOf(file)).toEqual([]);
    expect(cellsOf(file)).toEqual(ROWS);
    expect(file.told).toMatchObject({ encoding: 'utf-8', kinds: ['community'], rows: 1 });
  });

  it('is read in the encodings that spreadsheets use, and a workbook is told what to do', () => {
    // 编号,名称,街道 / hupan,湖畔社区,lanting in GBK, as a Chinese Excel saves it.
    const gbk = Buffer.from('b1e0bac52cc3fbb3c62cbdd6b5c00a687570616e2cbafec5cfc9e7c7f82c6c616e74696e670a', 'hex');
    const chinese = read('社区.csv', gbk);
    expect(chinese.told).toMatchObject({ encoding: 'gb18030', kinds: ['community'] });
    expect(cellsOf(chinese)).toEqual(ROWS);
    const wide = Buffer.from('\uFEFFid\tname_zh\tsubdistrict\nhupan\t湖畔社区\tlanting\n', 'utf16le');
    expect(cellsOf(read('communities.txt', wide))).toEqual(ROWS);
    const workbook = read('communities.csv', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]));
    expect(problemsOf(workbook)[0]).toContain("'CSV UTF-8'");
  });

  it('remembers the line of a row behind a cell of several lines', () => {
    const file = read('communities.csv', 'id,name_zh,subdistrict\na,"湖畔\n""社区""",x\nb,乙,x\n');
    expect(file.rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(cellsOf(file)[0]).toMatchObject({ name_zh: '湖畔\n"社区"' });
  });

  it('names the column that it does not know, and the nearest that it does', () => {
    expect(problemsOf(read('communities.csv', 'id,nmae_zh\n'))).toEqual([
      "1:nmae_zh: there is no such column; did you mean 'name_zh'?",
    ]);
    expect(problemsOf(read('communities.csv', 'id,编号\n'))).toEqual(['1:编号: the column is there twice']);
    expect(problemsOf(read('communities.csv', 'id,name_zh\na,b,c\n'))[0]).toContain('3 cells for 2 columns');
    expect(problemsOf(read('communities.csv', 'id,name_zh\na,"b\n'))).toEqual([
      '2:null: a quotation mark is never closed',
    ]);
  });

  it('says by its name what it is', () => {
    expect(kindOfFile('网格.csv')).toBe('grid');
    expect(kindOfFile('值班表-12月.csv')).toBe('roster');
    expect(kindOfFile('/tmp/Places 2026.csv')).toBe('place');
    expect(kindOfFile('book1.csv')).toBeUndefined();
    expect(problemsOf(read('book1.csv', 'id\n'))[0]).toContain('begins with one of subdistricts');
  });
});

describe('YAML and GeoJSON', () => {
  it('give the same rows, with their lines', () => {
    const yaml = read(
      'town.yaml',
      'communities:\n  - id: hupan\n    name: { zh: 湖畔社区 }\n    subdistrict: lanting\n',
    );
    expect(cellsOf(yaml)).toEqual(ROWS);
    expect(yaml.rows[0]?.line).toBe(2);
    expect(problemsOf(read('town.yaml', 'comunities: []\n'))[0]).toContain("did you mean 'communities'");
    expect(problemsOf(read('town.yaml', 'communities:\n  - id: a\n    nmae: b\n'))[0]).toMatch(/^3:.*did you mean/);
    const map = `{"type":"FeatureCollection","features":[
      {"type":"Feature","properties":{"id":"g","社区":"hupan","colour":"red"},"geometry":null}]}`;
    const grids = read('grids.geojson', map);
    expect(cellsOf(grids)).toEqual([{ id: 'g', community: 'hupan', boundary: '' }]);
    expect(grids.rows[0]?.line).toBe(2);
    expect(problemsOf(read('grids.geojson', '{]'))[0]).toContain('is not JSON');
    expect(problemsOf(read('grids.geojson', 'null'))[0]).toContain('FeatureCollection');
  });
});

describe('what people write', () => {
  it('is understood as days, times, dates and scopes', () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri'];
    for (const text of ['mon-fri', '周一至周五', '周一、周二、周三、周四、周五', 'Mon-Fri']) {
      expect(readWeekdays(text)).toEqual({ value: days });
    }
    expect(readWeekdays('六-一')).toEqual({ value: ['mon', 'sat', 'sun'] });
    expect(readWeekdays('每天')).toMatchObject({ value: { length: 7 } });
    for (const text of ['mon-', 'someday', '周八']) expect(readWeekdays(text)).toHaveProperty('wrong');
    expect(readSpan('8:00—18:00')).toEqual({ value: '08:00-18:00' });
    expect(readSpan('8-18')).toHaveProperty('wrong');
    expect(readDate('2026/2/7')).toEqual({ value: '2026-02-07' });
    expect(readDate('2026年2月7日')).toEqual({ value: '2026-02-07' });
    expect(readDate('2026-02-30')).toHaveProperty('wrong');
    expect(readScope('网格:g-2；community:c')).toEqual({
      value: [
        { level: 'community', id: 'c' },
        { level: 'grid', id: 'g-2' },
      ],
    });
    expect(readScope('everywhere')).toEqual({ value: null });
    expect(readScope('g-2')).toHaveProperty('wrong');
  });
});
