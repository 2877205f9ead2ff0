/** A clock that is off by so many seconds; the monotonic one is left alone, or nothing would wait as long as it ought. */
export const falseClock = (seconds: number) => ({
  LD_PRELOAD: '/usr/local/lib/libfaketime.so',
  FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}`,
  DONT_FAKE_MONOTONIC: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
});
