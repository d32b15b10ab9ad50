package functionapi

import (
	"slices"
	"unicode/utf8"

	"heddle/internal/function"
	"heddle/internal/function/catalog"
)

// codeBody is what creating a function and changing its code have in common.
type codeBody struct {
	CodeType     *string `json:"code_type"`
	CodeURL      *string `json:"code_url"`
	CodeFilename *string `json:"code_filename"`
	FuncCode     *struct {
		File []byte  `json:"file"` // base64
		Link *string `json:"link"`
	} `json:"func_code"`
}

// draft returns the code that a body gives to a function of the runtime.
func (b codeBody) draft(runtime string) (catalog.Draft, error) {
	var d catalog.Draft
	d.CodeType, d.CodeURL, d.CodeFilename = given(b.CodeType), given(b.CodeURL), given(b.CodeFilename)
	if runtime == catalog.RuntimeHTTP {
		return elsewhere(d)
	}
	var code []byte
	if b.FuncCode != nil {
		if given(b.FuncCode.Link) != "" {
			return d, refuse(codeNotAvailable, "func_code.link is not available here; send the code in func_code.file")
		}
		code = b.FuncCode.File
	}
	switch d.CodeType {
	case function.CodeInline, function.CodeZip:
	case "":
		return d, refuse(codeCodeType, "code_type is missing; it must be inline or zip")
	case "obs", "jar", "Custom-Image-Swr":
		return d, refuse(codeNotAvailable, "code_type %s is not available here; it must be inline or zip", d.CodeType)
	default:
		return d, refuse(codeCodeType, "code_type must be inline or zip, not %q", d.CodeType)
	}
	switch {
	case len(code) == 0:
		return d, refuse(codeNoCode, "func_code.file is missing; it must hold the code in base64")
	case d.CodeType == function.CodeInline && len(code) > inlineBytes:
		return d, refuse(codeInlineBytes, "the code has %d bytes, inline takes at most %d; send a zip", len(code), inlineBytes)
	case d.CodeType == function.CodeInline && !utf8.Valid(code):
		return d, refuse(codeCode, "inline code must be UTF-8 text")
	case len(code) > zipBytes:
		return d, refuse(codeZipBytes, "the package has %d bytes, at most %d are taken", len(code), zipBytes)
	}
	d.CodeURL, d.Code = "", code
	return d, nil
}

// elsewhere is the draft of a function that is at a URL. The enumeration of the
// SDKs has no type for that; obs is the one that means a URL.
func elsewhere(d catalog.Draft) (catalog.Draft, error) {
	if !slices.Contains([]string{"", catalog.CodeURL, "obs"}, d.CodeType) {
		return d, refuse(codeCodeType, "code_type of a function with the runtime http must be %s, not %q", catalog.CodeURL, d.CodeType)
	}
	d.CodeType = catalog.CodeURL
	if d.CodeURL == "" {
		return d, refuse(codeURL, "code_url is missing; it must be where the function is, such as http://127.0.0.1:9000/hello")
	}
	return d, nil
}
