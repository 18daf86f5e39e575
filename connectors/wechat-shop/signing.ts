import type { Signing } from '../../src/core/connector.ts'
import { signMessage, verifyMessage } from '../../src/kit/wechat-signing.ts'

/** Messages only. Calls are not signed: they carry a token. */
export const signing: Signing = { sign: signMessage, verify: verifyMessage }
