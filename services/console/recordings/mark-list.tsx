import { Button, Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { useTimeFormats } from '../time/use-time.ts';
import styles from './camera-page.module.css';
import { type EventMark, MARK_KINDS, type MarkKind } from './event-marks.ts';
import type { Gap } from './recorded-spans.ts';
import { useMarkText } from './use-mark-text.ts';

/** Somebody looks for the newest; who wants an older one goes there on the time line. */
const MOST_SHOWN = 100;

interface MarkListProps {
  readonly marks: readonly EventMark[];
  readonly hidden: ReadonlySet<MarkKind>;
  readonly onHidden: (hidden: ReadonlySet<MarkKind>) => void;
  readonly gaps: readonly Gap[];
  readonly positionMs: number;
  readonly onSeek: (atMs: number) => void;
}

/** What happened on the day, newest first, each a way to its moment; and when nothing was recorded, with the cause. */
export function MarkList({ marks, hidden, onHidden, gaps, positionMs, onSeek }: MarkListProps) {
  const { t } = useTranslation('recordings');
  const formats = useTimeFormats();
  const markText = useMarkText();
  const kinds = MARK_KINDS.filter((kind) => marks.some((mark) => mark.kind === kind));
  const shown = marks.filter(({ kind }) => !hidden.has(kind));
  const current = shown.findLast(({ atMs }) => atMs <= positionMs + 500);
  const told = gaps.filter(({ cause }) => cause !== 'not-yet');
  return (
    <aside className={styles.side}>
      <section>
        <h2>{t('marks')}</h2>
        {kinds.length > 1 && (
          <Checkbox.Group
            className={styles.kinds ?? ''}
            value={kinds.filter((kind) => !hidden.has(kind))}
            options={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
            onChange={(chosen) => onHidden(new Set(kinds.filter((kind) => !chosen.includes(kind))))}
          />
        )}
        {shown.length === 0 ? (
          <p className={styles.quiet}>{t(marks.length === 0 ? 'noMarks' : 'noMarksOfKind')}</p>
        ) : (
          <ol className={styles.list}>
            {shown
              .slice(-MOST_SHOWN)
              .reverse()
              .map((mark) => (
                <li key={mark.id}>
                  <Button
                    type="text"
                    block
                    className={styles.event ?? ''}
                    data-kind={mark.kind}
                    aria-current={mark === current}
                    aria-label={t('goTo', { time: formats.clock(mark.atMs), what: markText(mark) })}
                    onClick={() => onSeek(mark.atMs)}
                  >
                    <time dateTime={new Date(mark.atMs).toISOString()}>{formats.clock(mark.atMs)}</time>
                    <span>{markText(mark)}</span>
                  </Button>
                </li>
              ))}
          </ol>
        )}
      </section>
      {told.length > 0 && (
        <section>
          <h2>{t('gaps')}</h2>
          <ul className={styles.gaps}>
            {told.map(({ fromMs, untilMs, cause }) => (
              <li key={fromMs}>
                <span>
                  {formats.clock(fromMs)} – {formats.clock(untilMs)}
                </span>
                {t(`cause.${cause}`)}
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}
