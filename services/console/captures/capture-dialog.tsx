import type { Alarm } from '@dipper/contract/api/alarm';
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../i18n/use-code-text.ts';
import { Loading, Notice } from '../layout/states.tsx';
import { useNow } from '../time/use-now.ts';
import { CaptureReasonForm } from './capture-reason-form.tsx';
import { CaptureRefusal } from './capture-refusal.tsx';
import { ShownCapture } from './shown-capture.tsx';
import { useCaptureLook } from './use-capture-look.ts';

interface CaptureDialogProps {
  readonly alarm: Alarm;
  readonly onClose: () => void;
}

/** A look at a captured face: first the reason, then the picture, which leaves memory with the dialog. */
export function CaptureDialog({ alarm: { media }, onClose }: CaptureDialogProps) {
  const { t } = useTranslation('captures');
  const codeText = useCodeText();
  return (
    <Modal
      open
      title={t('title')}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
      width={520}
      destroyOnHidden
    >
      {media === null ? (
        <Notice title={t('none')} />
      ) : 'unavailable' in media ? (
        <Notice title={t('none')} hint={codeText(media.unavailable)} />
      ) : (
        <CaptureLook mediaRef={media.ref} expiresAt={media.expiresAt} onClose={onClose} />
      )}
    </Modal>
  );
}

interface CaptureLookProps {
  readonly mediaRef: string;
  readonly expiresAt: string;
  readonly onClose: () => void;
}

function CaptureLook({ mediaRef, expiresAt, onClose }: CaptureLookProps) {
  const { t } = useTranslation('captures');
  const nowMs = useNow(10_000);
  const { look, ask, askAgain } = useCaptureLook(mediaRef);
  switch (look.kind) {
    case 'asking':
      if (Date.parse(expiresAt) <= nowMs) return <Notice title={t('expired')} />;
      return <CaptureReasonForm expiresAt={expiresAt} onReason={ask} />;
    case 'loading':
      return (
        <>
          <p>{t('loading')}</p>
          <Loading />
        </>
      );
    case 'shown':
      return <ShownCapture address={look.address} onClose={onClose} />;
    case 'refused':
      return <CaptureRefusal error={look.error} onAskAgain={askAgain} />;
  }
}
