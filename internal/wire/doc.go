// Package wire is the JSON face of the two services: their shapes as plain structs, the facts about them, and the one validator.
//
// Everything follows from internal/model: types_gen.go has a struct for each input, output and nested structure, with the exact
// names of the wire; facts_gen.go has what the model says about them; enums_gen.go has the values of enumerations. A door finds
// an Operation by its target, and Decode turns a body into a valid input or into the fault that the service would answer.
// Encode and Unmarshal are for answers and for stored documents, which have the same shapes.
//
// In the structs, absence is the zero value: "" for strings, nil for lists, maps, structures, and for numbers and booleans that
// are optional. A list that is present and empty is not nil. Inputs hold passwords, codes and tokens, so no input is ever logged;
// structs with sensitive members print as [hidden].
//
// Only this package knows the JSON library.
package wire

//go:generate go run github.com/cenote-id/cenote/internal/gen
