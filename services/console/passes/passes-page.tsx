import { IdcardOutlined, LinkOutlined, PlusOutlined } from '@ant-design/icons';
import type { IssuedPass, PassView } from '@dipper/contract/api/pass';
import { App, Button, Checkbox, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { InviteDialog } from './invite-dialog.tsx';
import { NewPassDialog } from './new-pass-dialog.tsx';
import { PassRow } from './pass-row.tsx';
import styles from './passes.module.css';
import { RevokeDialog } from './revoke-dialog.tsx';
import { ShownPass } from './shown-pass.tsx';
import { usePasses, useShowPass } from './use-passes.ts';

type Open = 'new' | 'invite' | { readonly shown: IssuedPass } | { readonly revoke: PassView };

/** 访客通行: who is expected, and a pass for whoever stands at the gate. */
export function PassesPage() {
  const { t } = useTranslation('passes');
  const { message } = App.useApp();
  const errorText = useErrorText();
  const mayIssue = useAllowed('issuePasses');
  const [q, setQ] = useState('');
  const [isOpenOnly, setOpenOnly] = useState(true);
  const [open, setOpen] = useState<Open>();
  const { data: passes, error, refetch } = usePasses({ q: q.trim(), isOpenOnly });
  const show = useShowPass();
  const close = (): void => setOpen(undefined);
  const showOne = (id: string): void =>
    show.mutate(id, {
      onSuccess: (shown) => setOpen({ shown }),
      onError: (failure) => void message.error(errorText(failure).text),
    });
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <p className={styles.quiet}>{t('hint')}</p>
        {mayIssue && (
          <div className={styles.create}>
            <Button icon={<LinkOutlined />} onClick={() => setOpen('invite')}>
              {t('residentLink')}
            </Button>
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen('new')}>
              {t('issue')}
            </Button>
          </div>
        )}
      </header>
      <div className={styles.filters}>
        <Input.Search
          allowClear
          value={q}
          maxLength={64}
          placeholder={t('search')}
          aria-label={t('search')}
          onChange={(event) => setQ(event.target.value)}
        />
        <Checkbox checked={isOpenOnly} onChange={(event) => setOpenOnly(event.target.checked)}>
          {t('openOnly')}
        </Checkbox>
      </div>
      {passes === undefined && error === null && <Loading rows={6} />}
      {passes === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {passes?.length === 0 &&
        (q.trim() === '' ? (
          <Notice title={t('none')} hint={t('noneHint')} icon={<IdcardOutlined />} />
        ) : (
          <Notice title={t('noneFound')} />
        ))}
      {passes !== undefined && passes.length > 0 && (
        <ul className={styles.list}>
          {passes.map((pass) => (
            <PassRow
              key={pass.id}
              pass={pass}
              mayIssue={mayIssue}
              isBusy={show.isPending && show.variables === pass.id}
              onShow={() => showOne(pass.id)}
              onRevoke={() => setOpen({ revoke: pass })}
            />
          ))}
        </ul>
      )}
      {open === 'new' && <NewPassDialog onIssued={(shown) => setOpen({ shown })} onClose={close} />}
      {open === 'invite' && <InviteDialog onClose={close} />}
      {typeof open === 'object' && 'shown' in open && <ShownPass issued={open.shown} onClose={close} />}
      {typeof open === 'object' && 'revoke' in open && <RevokeDialog pass={open.revoke} onClose={close} />}
    </div>
  );
}
