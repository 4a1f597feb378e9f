import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { Notice } from './states.tsx';

export function NotFoundPage() {
  const { t } = useTranslation('shell');
  return (
    <Notice title={t('notFound.title')} hint={t('notFound.hint')}>
      <Link to="/">{t('notFound.home')}</Link>
    </Notice>
  );
}
