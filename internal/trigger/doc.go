// Package trigger asks the functions of a pool's LambdaConfig: events in the shape of the service, the limits of the calls, what
// answers mean, and what a caller is told when a function fails.
//
// The one idea: a trigger is a question with a typed request and a typed response. A Runner has a method for each; it builds the
// event around the request, sends the response part along in its neutral form, lets a carrier (package carrier) bring the event
// to the function, and reads the response from the event that comes back. What follows from a response is decided by whoever
// asked, except where it is a rule of the trigger itself: claims.go changes tokens as PreTokenGeneration says, and
// custom_message.go judges texts.
//
// A pool without a trigger costs nothing: Has looks at one string. Ask it before gathering a request. No method may be called
// inside a transaction of the store, since a function may take its time and may call back.
//
// Requests hold passwords, codes and what applications pass along. Nothing of them is logged; types with secrets print as
// [hidden]. Start with Runner.
package trigger
