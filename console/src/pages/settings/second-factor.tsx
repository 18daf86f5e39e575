import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from '../../api/people.ts'
import { sessionQuery, useSession } from '../../api/session.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Copy } from '../../ui/copy.tsx'
import { Icon } from '../../ui/icon.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import { Status } from '../../ui/status.tsx'
import { tell } from '../../ui/undo.tsx'

const Refused = ({ error }: { readonly error: Error | null }): ReactElement | null =>
  error === null ? null : (
    <div className="note bad" role="alert">
      {error.message}
    </div>
  )

/** Shown this once: each lets its owner in when the telephone is lost. */
const RecoveryCodes = ({ codes, onClose }: { readonly codes: readonly string[]; readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  return (
    <>
      <div className="note warn">
        <Icon name="attention" />
        {t('factor.codesOnce')}
      </div>
      <div className="quote row g12" style={{ alignItems: 'flex-start' }}>
        <div className="mono grow" style={{ columns: 2 }} data-testid="recovery-codes">
          {codes.map((code) => (
            <div key={code}>{code}</div>
          ))}
        </div>
        <Copy text={codes.join('\n')} />
      </div>
      <div>
        <Button type="primary" onClick={onClose}>
          {t('factor.codesKept')}
        </Button>
      </div>
    </>
  )
}

interface EnrolProps {
  readonly begun: { readonly secret: string; readonly uri: string }
  readonly onConfirmed: (codes: readonly string[]) => void
}

/** The picture for the app, the same as text, and the first code back. */
const Enrol = ({ begun, onConfirmed }: EnrolProps): ReactElement => {
  const { t } = useWords()
  const [code, setCode] = useState('')
  const confirm = useMutation({ mutationFn: () => confirmSecondFactor(code.trim()), onSuccess: (answer) => onConfirmed(answer.recovery_codes) })
  const ready = code.trim() !== ''
  return (
    <form
      className="col g12"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) confirm.mutate()
      }}
    >
      <p className="t2">{t('factor.scan')}</p>
      <div className="row g16 wrap">
        <QrCode text={begun.uri} label={t('factor.picture')} />
        <div className="col g4" style={{ minWidth: 200, flex: 1 }}>
          <span className="s12 t3">{t('factor.byHand')}</span>
          <div className="row g4">
            <span className="mono break" data-testid="totp-secret">
              {begun.secret.match(/.{1,4}/g)?.join(' ')}
            </span>
            <Copy text={begun.secret} />
          </div>
        </div>
      </div>
      <label className="col g4">
        <span className="m5">{t('factor.firstCode')}</span>
        <Input
          autoFocus
          name="first-code"
          autoComplete="one-time-code"
          inputMode="numeric"
          maxLength={6}
          style={{ width: 140 }}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </label>
      <Refused error={confirm.error} />
      <div>
        <Button type="primary" htmlType="submit" loading={confirm.isPending} aria-disabled={!ready}>
          {t('factor.turnOn')}
        </Button>
      </div>
    </form>
  )
}

/** A code of an authenticator app beside the password: added, replaced and taken off by its owner. */
export const SecondFactor = ({ required = false, onDone }: { readonly required?: boolean; readonly onDone?: () => void }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const session = useSession()
  const [password, setPassword] = useState('')
  const [codes, setCodes] = useState<readonly string[] | undefined>(undefined)
  const stands = session.data?.user.second_factor === true
  const refresh = async (): Promise<void> => {
    setPassword('')
    await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
    await queries.invalidateQueries({ queryKey: ['/v1/sessions'] })
  }
  const begin = useMutation({ mutationFn: () => beginSecondFactor(password) })
  const takeOff = useMutation({
    mutationFn: () => removeSecondFactor(password),
    onSuccess: async () => {
      await refresh()
      tell(t('factor.off'))
    },
  })
  const confirmed = async (fresh: readonly string[]): Promise<void> => {
    setCodes(fresh)
    begin.reset()
    await refresh()
  }
  const close = (): void => {
    setCodes(undefined)
    onDone?.()
  }
  const ready = password !== ''
  return (
    <section className="card sect col g12">
      <div className="row g8">
        <h2 className="grow">{t('factor.title')}</h2>
        <Status kind={stands ? 'ok' : 'waiting'}>{t(stands ? 'factor.isOn' : 'factor.isOff')}</Status>
      </div>
      {codes !== undefined ? (
        <RecoveryCodes codes={codes} onClose={close} />
      ) : begin.data !== undefined ? (
        <Enrol begun={begin.data} onConfirmed={(fresh) => void confirmed(fresh)} />
      ) : (
        <form
          className="col g12"
          onSubmit={(event) => {
            event.preventDefault()
            if (ready) begin.mutate()
          }}
        >
          <p className="t2">{t(required ? 'factor.mustText' : 'factor.text')}</p>
          <label className="col g4">
            <span className="m5">{t('settings.currentPassword')}</span>
            <Input.Password
              name="factor-password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
          <Refused error={begin.error ?? takeOff.error} />
          <div className="row g8">
            <Button type={stands ? 'default' : 'primary'} htmlType="submit" loading={begin.isPending} aria-disabled={!ready}>
              {t(stands ? 'factor.replace' : 'factor.add')}
            </Button>
            {stands && (
              <Button
                danger
                loading={takeOff.isPending}
                aria-disabled={!ready}
                onClick={() => {
                  if (ready) takeOff.mutate()
                }}
              >
                {t('factor.takeOff')}
              </Button>
            )}
          </div>
        </form>
      )}
    </section>
  )
}
