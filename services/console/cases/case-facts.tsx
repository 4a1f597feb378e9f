import type { GridCase } from '@dipper/contract/api/case';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import styles from './case-facts.module.css';
import page from './case-page.module.css';

/** What is known of a case besides its steps. */
export function CaseFacts({ gridCase }: { readonly gridCase: GridCase }) {
  const { t } = useTranslation('cases');
  const localText = useLocalText();
  const places = usePlaces();
  const grid = places.find(gridCase.place)?.gridName;
  return (
    <section className={page.panel} aria-labelledby="facts-title">
      <h2 id="facts-title">{t('facts')}</h2>
      <dl className={styles.facts}>
        <Fact name={t('deadline')}>
          <Moment at={gridCase.deadlineAt} />
        </Fact>
        <Fact name={t('openedAt')}>
          <Moment at={gridCase.openedAt} />
        </Fact>
        {gridCase.closedAt !== null && (
          <Fact name={t('closedAt')}>
            <Moment at={gridCase.closedAt} />
          </Fact>
        )}
        <Fact name={t('assignee')}>{gridCase.assignee ?? t('nobody')}</Fact>
        <Fact name={t('grid')}>{grid == null ? (gridCase.grid ?? '—') : localText(grid)}</Fact>
        <Fact name={t('platform')}>{t(`platforms.${gridCase.platform}`)}</Fact>
        <Fact name={t('source')}>{t(`sources.${gridCase.source}`)}</Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
