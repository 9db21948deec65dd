import { errors, jwtVerify, type JWTPayload } from 'jose';

/** Clocks of two servers differ by so much without anything being wrong. */
const clockToleranceSeconds = 60;

/** Why a token was refused. */
export type JwtRefusal = 'malformed' | 'algorithm' | 'signature' | 'audience' | 'expired' | 'not_yet' | 'incomplete';

export type JwtVerdict = { claims: JWTPayload } | { refusal: JwtRefusal };

/**
 * Checks a JSON Web Token (RFC 7519) signed with HMAC-SHA-256 under one of `secrets`, as the UTF-8 text that it is. Every
 * other algorithm is refused, `none` and those with public keys among them (RFC 8725, 3.1). It must have `exp`, and `aud`
 * must hold `audience`; claims are looked at once the signature is known to be right.
 */
export const verifyJwt = async (
  token: string,
  { secrets, audience, now }: { secrets: readonly string[]; audience: string; now: number },
): Promise<JwtVerdict> => {
  let refusal: JwtRefusal = 'signature';
  for (const secret of secrets) {
    try {
      const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
        algorithms: ['HS256'],
        audience,
        requiredClaims: ['exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(now),
      });
      return { claims: payload };
    } catch (error) {
      refusal = refusalOf(error);
      if (refusal !== 'signature') break;
    }
  }
  return { refusal };
};

const refusalOf = (error: unknown): JwtRefusal => {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'audience';
    return error.claim === 'nbf' ? 'not_yet' : 'incomplete';
  }
  return 'malformed';
};
