package hostile_test

import "testing"

// TestOneServer runs what can share a server and its two pools: each check makes users, and where it needs them clients and pools, of its own.
// None of them moves the clock.
func TestOneServer(t *testing.T) {
	checks := map[string]func(*testing.T, *server){
		"operations that are not built are unknown":               operationsThatAreNotBuiltAreUnknown,
		"every operation refuses bad input and changes nothing":   everyOperationRefusesBadInputAndChangesNothing,
		"SRP answers in anothers name do not tell who exists":     srpAnswersInAnothersNameDoNotTellWhoExists,
		"SRP by address does not tell who exists":                 srpByAddressDoesNotTellWhoExists,
		"confirmation does not tell who exists":                   confirmationDoesNotTellWhoExists,
		"of many sign ups for one name one succeeds":              ofManySignUpsForOneNameOneSucceeds,
		"of many holders of one address one gets the alias":       ofManyHoldersOfOneAddressOneGetsTheAlias,
		"a code confirms once":                                    aCodeConfirmsOnce,
		"a code sets one password":                                aCodeSetsOnePassword,
		"a session sets one password":                             aSessionSetsOnePassword,
		"guesses at once do not show the right one":               guessesAtOnceDoNotShowTheRightOne,
		"code guesses at once do not pass their limit":            codeGuessesAtOnceDoNotPassTheirLimit,
		"changes at once are not lost nor internal errors":        changesAtOnceAreNotLostNorInternalErrors,
		"users who are deleted meanwhile leave nothing":           usersWhoAreDeletedMeanwhileLeaveNothing,
		"a session serves only whose it is":                       aSessionServesOnlyWhoseItIs,
		"a challenge answer cannot write what the client may not": aChallengeAnswerCannotWriteWhatTheClientMayNot,
		"no proof is accepted for a multiple of n":                noProofIsAcceptedForAMultipleOfN,
		"what is no number is no a":                               whatIsNoNumberIsNoA,
		"a proof answered many times at once succeeds once":       aProofAnsweredManyTimesAtOnceSucceedsOnce,
		"no forged token opens an operation":                      noForgedTokenOpensAnOperation,
		"a token opens only its own user":                         aTokenOpensOnlyItsOwnUser,
		"a dead token opens no operation":                         aDeadTokenOpensNoOperation,
		"no forged refresh token is exchanged":                    noForgedRefreshTokenIsExchanged,
		"a secret is needed wherever a client has one":            aSecretIsNeededWhereverAClientHasOne,
		"a rotated token works once":                              aRotatedTokenWorksOnce,
		"a recovery code dies with the address it went to":        aRecoveryCodeDiesWithTheAddressItWentTo,
		"random sequences keep the directory sound":               randomSequencesKeepTheDirectorySound,
	}
	onEachDatabase(t, func(t *testing.T, s *server) {
		for name, check := range checks {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				check(t, s)
			})
		}
	})
}

// TestOneClock runs what moves the clock, one after the other: a lock must not end because another check waits for its own to end.
func TestOneClock(t *testing.T) {
	checks := map[string]func(*testing.T, *server){
		"expired tokens open nothing":                           expiredTokensOpenNothing,
		"password sign-in does not tell who exists":             passwordSignInDoesNotTellWhoExists,
		"SRP does not tell who exists":                          srpDoesNotTellWhoExists,
		"recovery does not tell who exists":                     recoveryDoesNotTellWhoExists,
		"a session ends with what it was for":                   aSessionEndsWithWhatItWasFor,
		"guesses at once do not pass the lockout":               guessesAtOnceDoNotPassTheLockout,
		"a right password among many guesses is locked out too": aRightPasswordAmongManyGuessesIsLockedOutToo,
	}
	onEachDatabase(t, func(t *testing.T, s *server) {
		for name, check := range checks {
			t.Run(name, func(t *testing.T) { check(t, s) })
		}
	})
}
