package endpoints

import (
	"net/http"
	"path"
	"strings"
)

type thumbnail struct {
	Image     string `json:"image"`
	Thumbnail string `json:"thumbnail"`
}

// resize names the thumbnail of an image.
func resize(_ *http.Request, image string) (thumbnail, error) {
	extension := path.Ext(image)
	return thumbnail{Image: image, Thumbnail: strings.TrimSuffix(image, extension) + "-small" + extension}, nil
}
