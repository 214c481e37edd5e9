package carrier

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// routes is the Lambda Runtime API (version 2018-06-01) of one process. The host name and the absence of an origin show that it is
// not a web page that asks: any page may send requests to loopback ports.
func (in *instance) routes(host string) http.Handler {
	const base = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"invocation/next", in.serveNext)
	mux.HandleFunc("POST "+base+"invocation/{id}/response", in.takeResponse)
	mux.HandleFunc("POST "+base+"invocation/{id}/error", in.takeError)
	mux.HandleFunc("POST "+base+"init/error", in.takeStartError)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
			refuse(w, http.StatusForbidden, "Forbidden", "this port is for the function's runtime")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// serveNext waits for an event as long as it takes; the process has nothing else to do.
func (in *instance) serveNext(w http.ResponseWriter, r *http.Request) {
	in.mu.Lock()
	in.asked = true
	in.mu.Unlock()
	select {
	case inv := <-in.next:
		in.mu.Lock()
		in.current = inv
		in.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", inv.arn)
		_, _ = w.Write(inv.payload) // if the process is gone, its end tells
	case <-r.Context().Done():
	}
}

func (in *instance) takeResponse(w http.ResponseWriter, r *http.Request) {
	in.take(w, r, func(body []byte) outcome {
		if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" { // a stream that broke off
			return outcome{result: unhandled(kind, "the answer broke off")}
		}
		return outcome{result: Result{Payload: body}}
	})
}

func (in *instance) takeError(w http.ResponseWriter, r *http.Request) {
	in.take(w, r, func(body []byte) outcome {
		return outcome{result: Result{Payload: body, FunctionError: "Unhandled"}}
	})
}

// take ends the current invocation with what the process posted.
func (in *instance) take(w http.ResponseWriter, r *http.Request, read func(body []byte) outcome) {
	in.mu.Lock()
	inv := in.current
	if inv == nil || inv.id != r.PathValue("id") {
		in.mu.Unlock()
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	in.current = nil
	in.mu.Unlock()

	body, err := readAnswer(r.Body)
	switch {
	case errors.Is(err, ErrTooLarge):
		inv.done <- outcome{err: err}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size")
	case err != nil:
		inv.done <- outcome{result: unhandled("Runtime.TruncatedResponse", "the answer broke off")}
		refuse(w, http.StatusBadRequest, "InvalidRequest", "the body broke off")
	default:
		inv.done <- read(body)
		accept(w)
	}
}

// takeStartError keeps why the process cannot start. The process is of no use any more.
func (in *instance) takeStartError(w http.ResponseWriter, r *http.Request) {
	body, err := readAnswer(r.Body)
	if err != nil || !isFailure(body) {
		body = unhandled("Runtime.InitError", "the function could not be started").Payload
	}
	in.mu.Lock()
	in.flaw = body
	in.mu.Unlock()
	in.doomed.Store(true) // before the process knows: nobody may give it an event now
	accept(w)
	_ = http.NewResponseController(w).Flush()
	in.kill()
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(failure{Message: message, Type: kind})
}
