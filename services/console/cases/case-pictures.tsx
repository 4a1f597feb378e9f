import { CameraOutlined } from '@ant-design/icons';
import type { CaseDetail } from '@dipper/contract/api/case';
import { ATTACHMENT_TYPES, MAX_ATTACHMENTS } from '@dipper/contract/api/case-attachment';
import { Alert, Button, Checkbox, Image } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useNow } from '../time/use-now.ts';
import { useTimeFormats } from '../time/use-time.ts';
import page from './case-page.module.css';
import styles from './case-pictures.module.css';
import { useAddPicture } from './use-add-picture.ts';

/** Pictures of a case, and the phone's camera to add one. */
export function CasePictures({ detail: { case: gridCase, attachments } }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation('cases');
  const errorText = useErrorText();
  const formats = useTimeFormats();
  const nowMs = useNow(60_000);
  const input = useRef<HTMLInputElement>(null);
  const [keepsLocation, setKeepsLocation] = useState(false);
  const add = useAddPicture(gridCase.id);
  const mayAdd = gridCase.actions.includes('comment') && attachments.length < MAX_ATTACHMENTS;
  const failure = add.error === null ? undefined : errorText(add.error);
  if (attachments.length === 0 && !mayAdd) return null;
  return (
    <section className={page.panel} aria-labelledby="pictures-title">
      <h2 id="pictures-title">{t('pictures')}</h2>
      {attachments.length > 0 && (
        <Image.PreviewGroup>
          <ul className={styles.pictures}>
            {attachments.map(({ id, at, by, byName }) => (
              <li key={id}>
                <Image
                  src={`/api/v1/cases/${gridCase.id}/attachments/${id}`}
                  alt={t('pictureBy', { name: byName ?? by, time: formats.full(Date.parse(at), nowMs) })}
                  loading="lazy"
                />
              </li>
            ))}
          </ul>
        </Image.PreviewGroup>
      )}
      {failure !== undefined && (
        <Alert type="error" showIcon role="alert" title={failure.text} description={failure.reference} />
      )}
      {mayAdd && (
        <div className={styles.add}>
          <Button size="large" icon={<CameraOutlined />} loading={add.isPending} onClick={() => input.current?.click()}>
            {t('addPicture')}
          </Button>
          <Checkbox checked={keepsLocation} onChange={({ target }) => setKeepsLocation(target.checked)}>
            {t('keepLocation')}
          </Checkbox>
          <input
            ref={input}
            className={styles.input}
            type="file"
            aria-label={t('addPicture')}
            accept={ATTACHMENT_TYPES.join(',')}
            onChange={({ target }) => {
              const [file] = target.files ?? [];
              if (file !== undefined) add.mutate({ file, keepsLocation });
              target.value = '';
            }}
          />
        </div>
      )}
    </section>
  );
}
