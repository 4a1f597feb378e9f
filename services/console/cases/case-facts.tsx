import type { GridCase } from '@dipper/contract/api/case';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import styles from './case-facts.module.css';
import page from './case-page.module.css';
import { useCaseCategories } from './use-case-categories.ts';

/** What is known of a case besides its steps. */
export function CaseFacts({ gridCase }: { readonly gridCase: GridCase }) {
  const { t } = useTranslation('cases');
  const localText = useLocalText();
  const places = usePlaces();
  const categories = useCaseCategories();
  const grid = places.find(gridCase.place)?.gridName;
  const category = categories?.find(({ id }) => id === gridCase.category)?.name;
  const { assignee, assigneeName, firstHandler, firstHandlerName, leader, leaderName } = gridCase;
  return (
    <section className={page.panel} aria-labelledby="facts-title">
      <h2 id="facts-title">{t('facts')}</h2>
      {gridCase.text !== null && <p className={styles.text}>{gridCase.text}</p>}
      <dl className={styles.facts}>
        <Fact name={t('deadline')}>
          <Moment at={gridCase.deadlineAt} />
        </Fact>
        <Fact name={t('openedAt')}>
          <Moment at={gridCase.openedAt} />
        </Fact>
        {gridCase.suspendedAt !== null && (
          <Fact name={t('suspendedAt')}>
            <Moment at={gridCase.suspendedAt} />
          </Fact>
        )}
        {gridCase.closedAt !== null && (
          <Fact name={t('closedAt')}>
            <Moment at={gridCase.closedAt} />
          </Fact>
        )}
        <Fact name={t('assignee')}>{assigneeName ?? assignee ?? t('nobody')}</Fact>
        {firstHandler !== null && firstHandler !== assignee && (
          <Fact name={t('firstHandler')}>{firstHandlerName ?? firstHandler}</Fact>
        )}
        {leader !== null && <Fact name={t('leader')}>{leaderName ?? leader}</Fact>}
        {gridCase.supervisedAt !== null && (
          <Fact name={t('supervisedAt')}>
            <Moment at={gridCase.supervisedAt} />
          </Fact>
        )}
        <Fact name={t('category')}>{category === undefined ? gridCase.category : localText(category)}</Fact>
        <Fact name={t('grid')}>{grid == null ? (gridCase.grid ?? '—') : localText(grid)}</Fact>
        <Fact name={t('platform')}>{t(`platforms.${gridCase.platform}`)}</Fact>
        <Fact name={t('source')}>{t(`sources.${gridCase.source}`)}</Fact>
        {gridCase.round > 1 && <Fact name={t('round')}>{gridCase.round}</Fact>}
        {gridCase.satisfaction !== null && (
          <Fact name={t('satisfactionLabel')}>{t(`satisfaction.${gridCase.satisfaction}`)}</Fact>
        )}
        {gridCase.mergedInto !== null && (
          <Fact name={t('mergedInto')}>
            <Link to={`/cases/${gridCase.mergedInto}`}>{t('openOther')}</Link>
          </Fact>
        )}
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
