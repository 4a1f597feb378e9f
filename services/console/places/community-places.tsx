import type { PlaceTree } from '@dipper/contract/api/place-tree';
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './places-page.module.css';

type Grid = PlaceTree['grids'][number];
type Estate = PlaceTree['estates'][number];

/** The grids and estates of one community. */
export function CommunityPlaces({ grids, estates }: { readonly grids: Grid[]; readonly estates: Estate[] }) {
  const { t } = useTranslation('places');
  return (
    <div className={styles.lists}>
      {grids.length > 0 && (
        <section>
          <h3>{t('grids')}</h3>
          <ul className={styles.list}>
            {grids.map((grid) => (
              <GridRow key={grid.id} grid={grid} />
            ))}
          </ul>
        </section>
      )}
      {estates.length > 0 && (
        <section>
          <h3>{t('estates')}</h3>
          <ul className={styles.list}>
            {estates.map((estate) => (
              <EstateRow key={estate.id} estate={estate} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function GridRow({ grid }: { readonly grid: Grid }) {
  const { t } = useTranslation('places');
  const localText = useLocalText();
  return (
    <li className={styles.row}>
      <span className={styles.what}>
        <span className={styles.name}>
          {localText(grid.name)} <Tag>{t(`kinds.${grid.kind}`)}</Tag>
          {!grid.hasBoundary && <Tag>{t('notDrawn')}</Tag>}
        </span>
        <span className={styles.quiet}>
          {grid.onDuty.length === 0 ? t('nobodyOnDuty') : t('onDuty', { names: grid.onDuty.join(' · ') })}
        </span>
      </span>
      <Counts counted={grid} />
    </li>
  );
}

function EstateRow({ estate }: { readonly estate: Estate }) {
  const localText = useLocalText();
  return (
    <li className={styles.row}>
      <span className={styles.name}>{localText(estate.name)}</span>
      <Counts counted={estate} />
    </li>
  );
}

function Counts({ counted }: { readonly counted: Pick<Grid, 'places' | 'devices' | 'openCases'> }) {
  const { t } = useTranslation('places');
  return (
    <span className={styles.counts}>
      <span>{t('places', { count: counted.places })}</span>
      <span>{t('devices', { count: counted.devices })}</span>
      <span data-many={counted.openCases > 0}>{t('openCases', { count: counted.openCases })}</span>
    </span>
  );
}
